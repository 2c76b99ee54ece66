import { expect, it } from '@jest/globals';
import { loadFastCheck } from '../../src/testing/chaos/load-fast-check.js';

it('gives fast-check', async () => {
  expect(await loadFastCheck()).toHaveProperty('asyncProperty');
});

it('says how to install it where it is missing', async () => {
  const cause = new Error("Cannot find package 'fast-check'");

  const loading = loadFastCheck(() => Promise.reject(cause));

  await expect(loading).rejects.toThrow('npm install --save-dev fast-check');
  await expect(loading).rejects.toMatchObject({ code: 'configuration_invalid', cause });
});
