import { readFileSync, writeFileSync } from 'node:fs';
import { apiDocument } from './api-document.js';

/** `npm run openapi` writes the document; with `--check` it only says whether the committed one is what the code gives. */
const file = 'docs/openapi.json';
const text = `${JSON.stringify(apiDocument(), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write(`${file} is not what the code gives: npm run openapi\n`);
  process.exitCode = 1;
}
