import { readFileSync, writeFileSync } from 'node:fs';
import { configurationPage } from './documentation.js';

/** `npm run docs:configuration` writes the page; with `--check` it only says whether the committed one is what the code gives. */
const file = 'docs/configuration.md';
const text = configurationPage();

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write(`${file} is not what the code gives: npm run docs:configuration\n`);
  process.exitCode = 1;
}
