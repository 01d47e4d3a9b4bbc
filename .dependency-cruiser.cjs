const source = '^apps/authority/src/';

/** What each room of the authority may know of the others: only what stands below it. The listeners do not know each other. */
const rooms = {
  'relay-commands': ['terminal', 'process', 'relay', 'health', 'commands', 'http', 'config'],
  'backup-commands': ['terminal', 'process', 'commands', 'http', 'config'],
  terminal: [],
  'admin-token-commands': ['process', 'commands', 'http', 'config'],
  process: ['admin', 'oauth2', 'callers', 'health', 'retention', 'relay', 'commands', 'openapi', 'http', 'config'],
  retention: ['relay', 'commands', 'http', 'config'],
  relay: ['http', 'config'],
  admin: ['commands', 'openapi', 'http', 'config'],
  oauth2: ['commands', 'http', 'config'],
  callers: ['commands', 'http', 'config'],
  health: ['openapi', 'http', 'config'],
  commands: ['http', 'config'],
  openapi: ['http', 'config'],
  http: ['config'],
  config: [],
};

/** Inside the Admin API: its slices do not know each other. */
const adminRooms = {
  ...Object.fromEntries(
    ['clients', 'keys', 'login', 'consent', 'sessions', 'tokens', 'admin-tokens'].map((slice) => [
      slice,
      ['generations', 'handshake', 'wire'],
    ]),
  ),
  generations: ['handshake', 'wire'],
  handshake: ['wire'],
  wire: [],
};

/** One rule for each folder: of those beside it, it imports none but these. */
function roomRules(parent, allowed) {
  return Object.entries(allowed).map(([room, below]) => ({
    name: `room-${room}`,
    severity: 'error',
    from: { path: `${parent}${room}/`, pathNot: '\\.spec\\.ts$' },
    to: { path: parent, pathNot: `${parent}(${[room, ...below].join('|')})/` },
  }));
}

/** The import rules of docs/adr/0001: apps -> libs, libs only through their index, no cycles; and those of the rooms of the authority. */
module.exports = {
  forbidden: [
    ...roomRules(source, rooms),
    ...roomRules(`${source}admin/`, adminRooms),
    {
      name: 'room-unknown',
      severity: 'error',
      comment: 'a new folder gets its row in the tables above',
      from: {
        path: source,
        pathNot: `${source}((${[...Object.keys(rooms), 'testing'].join('|')})/|main\\.ts$)|\\.spec\\.ts$`,
      },
      to: {},
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^libs/domain/' },
    },
    {
      name: 'bounded-cache-is-alone',
      severity: 'error',
      from: { path: '^libs/bounded-cache/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^libs/bounded-cache/' },
    },
    { name: 'libs-never-import-apps', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'apps-stay-apart',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'lib-entry-only',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: ['^libs/$2/', '^libs/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'own-index-never',
      severity: 'error',
      from: { path: '^libs/([^/]+)/src/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/$1/src/index\\.ts$' },
    },
    {
      name: 'import-direction-domain',
      severity: 'error',
      from: { path: '^libs/crypto/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/', pathNot: '^libs/(crypto|domain|bounded-cache)/' },
    },
    {
      name: 'import-direction-oauth2',
      severity: 'error',
      from: { path: '^libs/oauth2/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/', pathNot: '^libs/(oauth2|crypto|domain|bounded-cache)/' },
    },
    {
      name: 'import-direction-event-store',
      severity: 'error',
      from: { path: '^libs/event-store/', pathNot: '\\.spec\\.ts$|/contract/' },
      to: { path: '^libs/', pathNot: '^libs/(event-store|crypto|domain|bounded-cache)/' },
    },
    {
      name: 'import-direction-read-model',
      severity: 'error',
      from: { path: '^libs/read-model/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/', pathNot: '^libs/(read-model|event-store|oauth2|domain|bounded-cache)/' },
    },
    {
      name: 'nest-only-in-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'crypto-only-in-crypto',
      severity: 'error',
      comment: 'libs/crypto is the only importer of node:crypto and jose',
      from: { path: '^(apps|libs)/', pathNot: '^libs/(crypto|eventstoredb-double)/|\\.spec\\.ts$' },
      to: { path: '^(node:)?crypto$|node_modules/jose/' },
    },
    {
      name: 'eventstoredb-client-in-its-adapter',
      severity: 'error',
      comment: 'its upstream is quiet: another client must be a small change',
      from: {
        path: '^(apps|libs|bench|demo)/',
        pathNot:
          '^libs/event-store/src/eventstoredb/|^libs/eventstoredb-double/|^bench/raw-eventstoredb\\.ts$|\\.spec\\.ts$',
      },
      to: { path: 'node_modules/@(eventstore|grpc)/' },
    },
    {
      name: 'kafka-client-in-its-adapter',
      severity: 'error',
      comment: 'its upstream is quiet: another client must be a change of one folder',
      from: { path: '^(apps|libs|bench|demo)/', pathNot: '^libs/fan-out/src/kafkajs/|^bench/committed-reader\\.ts$' },
      to: { path: 'node_modules/kafkajs/' },
    },
    {
      name: 'import-direction-fan-out',
      severity: 'error',
      from: { path: '^libs/fan-out/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/', pathNot: '^libs/(fan-out|event-store|crypto|domain|bounded-cache)/' },
    },
    {
      name: 'relay-knows-no-broker',
      severity: 'error',
      from: { path: '^libs/fan-out/src/relay/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/fan-out/src/kafkajs/' },
    },
    {
      name: 'specs-stay-out',
      severity: 'error',
      comment: 'what tests are made of is for tests alone; the demo and the benchmarks start an authority, too',
      from: {
        pathNot:
          '\\.spec\\.ts$|^libs/(testing|harness|eventstoredb-double)/|^apps/authority/src/testing/|^(test|demo|bench)/',
      },
      to: { path: '\\.spec\\.ts$|^libs/(testing|harness|eventstoredb-double)/|^apps/authority/src/testing/' },
    },
    {
      name: 'demo-and-bench-without-jest',
      severity: 'error',
      from: { path: '^(demo|bench|libs/harness)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '\\.spec\\.ts$|^libs/(testing|eventstoredb-double)/|node_modules/@jest/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'node', 'default'] },
  },
};
