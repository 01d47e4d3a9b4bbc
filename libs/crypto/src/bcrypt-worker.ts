import { parentPort, workerData } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

/** The program of the thread that `bcryptFits` starts: one hash, one answer. */
const { hash, text } = workerData as { hash: string; text: string };
parentPort?.postMessage(compareSync(text, hash));
