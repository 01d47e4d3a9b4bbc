/**
 * `npm run test:kafka`: the tests against a real broker. Says loudly that it skipped them where the broker's jars cannot be had, and fails
 * then with KAFKA_TESTS=required. With KAFKA_BROKERS those brokers are used, and whatever kills or freezes brokers is left out. `--full` runs their long form; other arguments go to Jest.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kafkaClassPath } from '../../dist/libs/harness/src/kafka/jars.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** The longest that all tests of a form may take together: the short one takes 7 minutes on two cores. */
const [shortLimitMs, fullLimitMs] = [20 * 60_000, 90 * 60_000];

const args = process.argv.slice(2);
const full = args.includes('--full');
const problem = missingJars();
if (problem === undefined) {
  if (process.env.KAFKA_BROKERS)
    console.log('\n*** KAFKA_BROKERS is set: no test runs that kills or freezes a broker ***\n');
  process.exitCode = await runJest();
} else {
  console.log(`\n*** SKIPPED: no test ran against a real Kafka broker: ${problem} ***\n`);
  if (process.env.KAFKA_TESTS === 'required') process.exitCode = 1;
}

/** Why the broker and Kafka's Java clients cannot be had, if they cannot. */
function missingJars() {
  try {
    kafkaClassPath();
    return undefined;
  } catch (error) {
    return String(error.message).split('\n')[0];
  }
}

/** @returns the exit code; whatever the tests are doing when their time is over, the run ends */
async function runJest() {
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = [
    'node_modules/jest/bin/jest.js',
    '--config',
    'test/kafka/jest.config.mjs',
    '--maxWorkers=2',
    '--verbose',
  ];
  const child = spawn(process.execPath, [...node, ...jest, ...args.filter((arg) => arg !== '--full')], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(full && { KAFKA_TESTS_FORM: 'full' }) },
  });
  process.once('SIGTERM', () => child.kill('SIGTERM'));
  const limitMs = full ? fullLimitMs : shortLimitMs;
  const end = setTimeout(() => {
    console.log(
      `\n*** ENDED: the tests against a real Kafka broker were not done after ${limitMs / 60_000} minutes ***\n`,
    );
    child.kill('SIGKILL');
  }, limitMs);
  const [code] = await once(child, 'exit');
  clearTimeout(end);
  return code ?? 1;
}
