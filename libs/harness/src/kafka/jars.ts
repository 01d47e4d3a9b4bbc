import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { projectFolder } from '../project-folder.js';

const pom = join(projectFolder, 'libs/harness/src/kafka/pom.xml');
const classPathFile = join(projectFolder, 'node_modules/.cache/kafka-classpath.txt');
const resolveTimeoutMs = 300_000;

let found: string | undefined;

/**
 * The class path of Kafka's broker, tools and Java clients. Maven is asked for them once, and what it said is kept.
 *
 * @throws Error saying why they cannot be had or run
 */
export function kafkaClassPath(): string {
  found ??= resolve();
  return found;
}

function resolve(): string {
  execFileSync('java', ['-version'], { stdio: 'pipe' });
  if (!isKept()) {
    mkdirSync(dirname(classPathFile), { recursive: true });
    const goal = ['dependency:build-classpath', `-Dmdep.outputFile=${classPathFile}`, '-Dmdep.regenerateFile=true'];
    execFileSync('mvn', ['-q', '-B', '-f', pom, ...goal], { stdio: 'pipe', timeout: resolveTimeoutMs });
  }
  return kept();
}

/** Whether an earlier run found it, nothing of it is gone, and what is needed is still the same. */
function isKept(): boolean {
  if (!existsSync(classPathFile) || statSync(classPathFile).mtimeMs < statSync(pom).mtimeMs) return false;
  return kept()
    .split(delimiter)
    .every((jar) => existsSync(jar));
}

function kept(): string {
  return readFileSync(classPathFile, 'utf8').trim();
}
