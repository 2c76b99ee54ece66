const typescript = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: {
          legacyDecorator: true,
          decoratorMetadata: true,
          useDefineForClassFields: false,
        },
        keepClassNames: true,
      },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    },
  ],
};

const sources = { '^(\\.{1,2}/.*)\\.js$': '$1' };

// The same end-to-end files run a second time on the Nest 11 kept in test/compat/nest11.
const nest11 = '<rootDir>/test/compat/nest11/node_modules';
const nest11Modules = {
  '^@nestjs/(common|core|testing|platform-express|platform-fastify)(/.*)?$': `${nest11}/@nestjs/$1$2`,
  '^(reflect-metadata|rxjs)(/.*)?$': `${nest11}/$1$2`,
};

// Samples import the package by its name; in the tests that is the source, not the last build.
const packageByName = {
  '^nestjs-webhook-inbox$': '<rootDir>/src/index.ts',
  '^nestjs-webhook-inbox/(.*)$': '<rootDir>/src/$1/index.ts',
};

const onPostgres = {
  globalSetup: '<rootDir>/test/postgres/server/global-setup.mjs',
  globalTeardown: '<rootDir>/test/postgres/server/global-teardown.mjs',
};

function project(displayName, testMatch, { moduleNameMapper = {}, ...rest } = {}) {
  return {
    displayName,
    testMatch: [`<rootDir>/${testMatch}`],
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    transform: typescript,
    moduleNameMapper: { ...sources, ...moduleNameMapper },
    modulePathIgnorePatterns: ['<rootDir>/(build|dist)/', '<rootDir>/sample/[^/]+/dist/'],
    ...rest,
  };
}

export default {
  maxWorkers: 2,
  // For slow machines; nothing waits for time to pass.
  testTimeout: 30_000,
  // Modules that were loaded as ES modules stay in a worker; a full collection of its garbage takes seconds.
  workerIdleMemoryLimit: '512MB',
  collectCoverageFrom: ['src/**/*.ts'],
  coverageProvider: 'babel',
  projects: [
    project('unit', 'test/unit/**/*.spec.ts'),
    project('contract', 'test/contract/**/*.spec.ts'),
    // On a PostgreSQL server, which is started for the run, and on the embedded one.
    project('postgres', 'test/postgres/**/*.spec.ts', {
      ...onPostgres,
      testPathIgnorePatterns: ['\\.nest11\\.spec\\.ts$'],
    }),
    project('postgres nest11', 'test/postgres/**/*.nest11.spec.ts', {
      ...onPostgres,
      moduleNameMapper: nest11Modules,
    }),
    project('e2e nest12', 'test/e2e/**/*.spec.ts', {
      // For CommonJS libraries that require Nest: before Node 24.9, jest cannot require Nest 12.
      testPathIgnorePatterns: ['\\.nest11\\.spec\\.ts$'],
    }),
    project('e2e nest11', 'test/e2e/**/*.spec.ts', { moduleNameMapper: nest11Modules }),
    project('sample', 'sample/**/*.spec.ts', {
      globalSetup: '<rootDir>/test/sample/global-setup.mjs',
      globalTeardown: '<rootDir>/test/postgres/server/global-teardown.mjs',
      moduleNameMapper: packageByName,
    }),
    project('types', 'test/types/**/*.spec.ts'),
    // Tests the last build, in applications of their own: run `npm run build` first.
    project('package', 'test/package/*.spec.ts'),
  ],
};
