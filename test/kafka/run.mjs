/**
 * `npm run test:kafka`: the tests against a real broker. Says loudly that it skipped them where the broker's jars cannot be had, and fails
 * then with KAFKA_TESTS=required. With KAFKA_BROKERS those brokers are used, and whatever kills or freezes brokers is left out. `--full` runs their long form; other arguments go to Jest.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kafkaClassPath } from '../../dist/libs/harness/src/kafka/jars.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

const args = process.argv.slice(2);
const full = args.includes('--full');
const problem = missingJars();
if (problem === undefined) {
  if (process.env.KAFKA_BROKERS)
    console.log('\n*** KAFKA_BROKERS is set: no test runs that kills or freezes a broker ***\n');
  const jest = ['node_modules/jest/bin/jest.js', '--config', 'test/kafka/jest.config.mjs', '--runInBand'];
  const { status } = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      ...jest,
      ...args.filter((arg) => arg !== '--full'),
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...(full && { KAFKA_TESTS_FORM: 'full' }) },
    },
  );
  process.exitCode = status ?? 1;
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
