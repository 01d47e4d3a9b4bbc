#!/usr/bin/env node
// Starts the built program a command belongs to (docs/adr/0005) on Node.js >= 24.11: this one if it is new enough, else the one packaged in node_modules.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const overHttp = ['clients', 'keys', 'token', 'admin-tokens', 'import-hydra'];
const [command, topic] = process.argv.slice(2);
const offline = command === 'admin-tokens' && process.argv.includes('--offline');
const app = overHttp.includes(command === 'help' ? topic : command) && !offline ? 'cli' : 'authority';
const target = join(dirname(fileURLToPath(import.meta.url)), `../dist/apps/${app}/src/main.js`);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 24 || (major === 24 && minor >= 11)) {
  await import(target);
} else {
  const child = spawn(packagedNode(), [target, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => {
    process.exitCode = code ?? 143;
  });
}

function packagedNode() {
  const name = `node-${process.platform}-${process.arch}/package.json`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), 'bin/node');
  } catch {
    console.error(`Node.js >= 24.11 is required, this is ${process.version}`);
    process.exit(1);
  }
}
