// The direction of imports. Type-only imports count: a type is knowledge too.
const engines = '^src/(inbox/memory|postgres|redis)/';
const senders = '^src/(stripe|standard-webhooks|stack-auth)/';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Two files that import each other are one file; move what both need into a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'errors-know-nothing',
      severity: 'error',
      from: { path: '^src/errors/' },
      to: { path: '^src/', pathNot: '^src/errors/' },
    },
    {
      name: 'signatures-are-pure',
      comment: 'Time and secrets are arguments; no Nest, no other folder except errors.',
      severity: 'error',
      from: { path: '^src/signatures/' },
      to: { path: ['^src/', 'node_modules/'], pathNot: '^src/(errors|signatures)/' },
    },
    {
      name: 'engines-know-no-nest',
      severity: 'error',
      from: { path: engines },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'engines-know-no-other-engine',
      severity: 'error',
      from: { path: engines },
      to: { path: engines, pathNot: '^src/$1/' },
    },
    {
      name: 'engines-know-no-sender',
      severity: 'error',
      from: { path: engines },
      to: { path: senders },
    },
    {
      name: 'senders-know-no-other-sender',
      severity: 'error',
      comment: 'But Stack Auth signs by Standard Webhooks: see the next rule.',
      from: { path: senders, pathNot: '^src/stack-auth/' },
      to: { path: senders, pathNot: '^src/$1/' },
    },
    {
      name: 'stack-auth-knows-the-endpoint-it-is',
      comment:
        'Its endpoint is that of Standard Webhooks under a name of its own; nothing else is shared.',
      severity: 'error',
      from: { path: '^src/stack-auth/' },
      to: {
        path: senders,
        pathNot: ['^src/stack-auth/', '^src/standard-webhooks/standard-webhooks\\.endpoint\\.ts$'],
      },
    },
    {
      name: 'senders-know-no-engine',
      severity: 'error',
      from: { path: senders },
      to: { path: engines },
    },
    {
      name: 'only-tests-know-a-sender',
      comment: 'The rest works for every sender, so it imports none.',
      severity: 'error',
      from: { path: '^src/', pathNot: [senders, '^src/(cli|testing)/'] },
      to: { path: senders },
    },
    {
      name: 'nothing-imports-testing',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/testing/' },
      to: { path: '^src/testing/' },
    },
    {
      name: 'nothing-imports-the-command-line',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'no-import-of-an-index',
      comment: 'An index lists the public names for users; inside, import the file itself.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '/index\\.ts$', pathNot: 'node_modules/' },
    },
    {
      name: 'peers-only',
      comment: 'The package has no dependencies of its own; what it imports, the application has.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypesNot: ['npm-peer', 'core', 'local', 'unknown'] },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
  },
};
