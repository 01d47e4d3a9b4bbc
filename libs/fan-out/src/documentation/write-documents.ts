import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { asyncApiDocument } from './asyncapi.js';
import { contractSchema } from './contract-schemas.js';
import { eventsPage } from './events-page.js';
import { exampleRecords } from './examples.js';

/** `npm run asyncapi` writes both documents of the contract; with `--check` it only says whether the committed ones are what the code gives. */
const [asyncApi, page] = ['docs/asyncapi.json', 'docs/events.md'] as const;
const examples = await exampleRecords();
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

put(asyncApi, `${JSON.stringify(asyncApiDocument(version, contractSchema, examples), null, 2)}\n`);
put(page, eventsPage(readFileSync(page, 'utf8'), contractSchema, examples));

function put(file: string, text: string): void {
  if (!process.argv.includes('--check')) return writeFileSync(file, text);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  process.stderr.write(`${file} is not what the code gives: npm run asyncapi\n`);
  process.exitCode = 1;
}
