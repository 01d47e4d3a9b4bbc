/**
 * `npm run test:kafka`: the tests against a real broker. Says loudly that it skipped them where the broker's jars cannot be had, and fails
 * then with KAFKA_TESTS=required. With KAFKA_BROKERS those brokers are used, and whatever kills or freezes brokers is left out. `--full` runs their long form; other arguments go to Jest.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const pom = join(here, 'pom.xml');
const classPathFile = join(root, 'node_modules/.cache/kafka-classpath.txt');
const resolveTimeoutMs = 300_000;

const args = process.argv.slice(2);
const full = args.includes('--full');
const problem = resolveJars();
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
      env: { ...process.env, KAFKA_CLASSPATH_FILE: classPathFile, ...(full && { KAFKA_TESTS_FORM: 'full' }) },
    },
  );
  process.exitCode = status ?? 1;
} else {
  console.log(`\n*** SKIPPED: no test ran against a real Kafka broker: ${problem} ***\n`);
  if (process.env.KAFKA_TESTS === 'required') process.exitCode = 1;
}

/** Finds the class path of the broker and Kafka's Java clients, or says why it cannot be had. */
function resolveJars() {
  try {
    execFileSync('java', ['-version'], { stdio: 'pipe' });
    if (isKept()) return undefined;
    mkdirSync(dirname(classPathFile), { recursive: true });
    const goal = ['dependency:build-classpath', `-Dmdep.outputFile=${classPathFile}`, '-Dmdep.regenerateFile=true'];
    execFileSync('mvn', ['-q', '-B', '-f', pom, ...goal], { stdio: 'pipe', timeout: resolveTimeoutMs });
    return undefined;
  } catch (error) {
    return String(error.message).split('\n')[0];
  }
}

/** Whether an earlier run found it, nothing of it is gone, and what is needed is still the same. */
function isKept() {
  if (!existsSync(classPathFile) || statSync(classPathFile).mtimeMs < statSync(pom).mtimeMs) return false;
  return readFileSync(classPathFile, 'utf8')
    .trim()
    .split(delimiter)
    .every((jar) => existsSync(jar));
}
