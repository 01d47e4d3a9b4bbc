import { describe, expect, it } from '@jest/globals';
import { readText } from '../structure/pages.js';

describe('the image', () => {
  const lines = readText('Dockerfile').split('\n');

  it('is made of a base of a full version', () => {
    const bases = lines.filter((line) => line.startsWith('FROM '));
    expect(bases.length).toBeGreaterThan(0);
    for (const base of bases) expect(base).toMatch(/^FROM node:24\.\d+\.\d+-[a-z]+-slim(?: AS \w+)?$/);
  });

  it('runs no script of a dependency', () => {
    const installs = lines.filter((line) => /npm (?:ci|prune|install)/.test(line));
    expect(installs.length).toBeGreaterThan(0);
    for (const install of installs) expect(install).toContain('--ignore-scripts');
  });
});

describe('docker-compose.yml', () => {
  it('starts no authority without a secret, and knows none itself', () => {
    const text = readText('docker-compose.yml');
    const authorities = text.match(/<<: \*authority$/gm) ?? [];
    expect(authorities.length).toBeGreaterThan(2);
    expect(text.match(/^ +SECRETS_SYSTEM: \*system-secret$/gm)).toHaveLength(authorities.length);
    expect(text.match(/^x-system-secret: &system-secret '\$\{SECRETS_SYSTEM:\?[^}]+\}'$/gm)).toHaveLength(1);
    expect(text.match(/SECRETS_SYSTEM:-/g)).toBeNull();
  });
});
