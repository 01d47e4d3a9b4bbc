export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] }, // #libs/* -> TypeScript source
  testRegex: '\\.spec\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', {}] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/kafka/'], // need a broker: npm run test:kafka
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  coverageProvider: 'v8',
  testTimeout: 30_000,
};
