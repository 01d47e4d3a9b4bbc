import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const impure = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'take the time from the command or the event',
  },
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'take the time from the command or the event',
  },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'take ids from the caller',
  },
];

const generationsApart = [
  {
    selector: 'Literal[value=/^(rc\\.8|v1\\.11|v26\\.2)$/]',
    message: 'what tells generations of the Admin API apart is a member of ApiGeneration (admin/generations/)',
  },
  {
    selector:
      'BinaryExpression[operator=/^[!=]==?$/] > :matches(Identifier[name=/generation$/i], MemberExpression[object.name=/generation$/i][property.name="name"])',
    message: 'ask the ApiGeneration for what it does, not which one it is',
  },
  {
    selector: 'BinaryExpression[operator=/^[!=]==?$/] > Identifier[name=/^(rc8|v111|v262)$/]',
    message: 'ask the ApiGeneration for what it does, not which one it is',
  },
];

/** A rule of our own: what the selectors find is not written here. Each has a name, so that folders can be exempt from one alone. */
const forbid = (message, ...selectors) => ({
  create: (context) =>
    Object.fromEntries(selectors.map((selector) => [selector, (node) => context.report({ node, message })])),
});

const promise = "TSTypeReference[typeName.name='Promise']";
const house = {
  rules: {
    'synchronous-or-not': forbid(
      'give the value or a promise, not now this and now that',
      `TSUnionType:has(> ${promise}):has(> :not(TSUndefinedKeyword, ${promise}))`,
    ),
    'eventually-in-the-log-only': forbid(
      'Eventually<…> is for the port, the event log, the codec, the projector and catching up',
      "TSTypeReference[typeName.name='Eventually']",
    ),
    'constants-in-camel-case': forbid(
      'constants are written in camelCase',
      'VariableDeclarator > Identifier.id[name=/^[A-Z][A-Z0-9_]*$/]',
      'PropertyDefinition[static=true] > Identifier.key[name=/^[A-Z][A-Z0-9_]*$/]',
    ),
    // what Nest, Fastify and Jest call, they call with as many as they have; a command is its fields
    'three-parameters': forbid(
      'more than three parameters: give one object',
      ':matches(FunctionDeclaration, TSDeclareFunction)[params.length>3]',
      ":not(CallExpression[callee.type='CallExpression'], CallExpression[callee.property.name='addHook']) > ArrowFunctionExpression[params.length>3]",
      ":not(MethodDefinition[kind='constructor'], MethodDefinition[decorators.length>0]) > FunctionExpression[params.length>3]",
      "ClassDeclaration[decorators.length=0]:not([superClass.name='Command']) > ClassBody > MethodDefinition[kind='constructor'] > FunctionExpression[params.length>3]",
      ':matches(TSMethodSignature, TSFunctionType, TSEmptyBodyFunctionExpression)[params.length>3]',
    ),
  },
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'data/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    plugins: { house },
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: ['describe', 'it', 'test'], package: 'node:test' }] },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off', // an async port method may have nothing to wait for in one adapter
      '@typescript-eslint/only-throw-error': 'error',
      'no-console': 'error',
      'house/synchronous-or-not': 'error',
      'house/eventually-in-the-log-only': 'error',
      'house/constants-in-camel-case': 'error',
      'house/three-parameters': 'error',
    },
  },
  { files: ['libs/event-store/src/port.ts'], rules: { 'house/synchronous-or-not': 'off' } }, // it says what Eventually is
  {
    files: [
      'libs/event-store/src/{port,event-log}.ts',
      'libs/event-store/src/{codec,sqlite}/*.ts',
      'libs/read-model/src/engine/{projector,persistent-projector,head-questions,read-model}.ts',
    ],
    rules: { 'house/eventually-in-the-log-only': 'off' },
  },
  // a test's request is written as on the wire: method, path, body, headers
  { files: ['libs/harness/**/*.ts', 'test/**/*.ts'], rules: { 'house/three-parameters': 'off' } },
  {
    files: ['libs/domain/**/*.ts', '**/*.projection.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...impure],
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'crypto'],
    },
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: [
      'apps/authority/src/admin/generations/**',
      'libs/crypto/src/root-key.ts', // has generations of its own
      'libs/domain/**',
      'libs/crypto/**', // its generations are those of the root key
      '**/*.projection.ts',
      '**/*.spec.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', ...generationsApart] },
  },
  {
    files: ['apps/authority/src/commands/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          name: '@nestjs/cqrs',
          importNames: ['CommandBus'],
          message: 'a command dispatches no other: what writes several streams is one handler',
        },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', 'libs/{testing,harness,eventstoredb-double}/**/*.ts', '{test,demo}/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off', // parsed JSON of answers under test
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  { files: ['bench/**/*.ts', 'demo/**/*.ts', 'bin/**/*.mjs', 'test/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: ['**/*.mjs', '**/*.cjs'], languageOptions: { globals: globals.node } },
);
