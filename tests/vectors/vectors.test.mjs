// Compares a binding with the vectors, byte for byte: `GHLKIT_BINDING=<module that exports evaluate> node --test`.
// `GHLKIT_VECTORS=stages,progress` takes only these files, for a build that holds only some of the functions.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const path = process.env.GHLKIT_BINDING;
if (!path) throw new Error('GHLKIT_BINDING: expected the path of a module that exports evaluate(op, args)');
// An addon is no module that can be imported.
const addon = path.endsWith('.node');
const binding = addon ? createRequire(import.meta.url)(resolve(path)) : await import(pathToFileURL(resolve(path)));
const evaluate = binding.evaluate ?? binding.default?.evaluate;
assert.equal(typeof evaluate, 'function', `${path} exports no function evaluate`);

const data = new URL('./data/', import.meta.url);
const all = readdirSync(data).map((file) => file.replace(/\.json$/, '')).sort();
const names = process.env.GHLKIT_VECTORS?.split(',') ?? all;

for (const name of names) {
  test(`vectors of ${name}`, () => {
    const vectors = JSON.parse(readFileSync(new URL(`${name}.json`, data), 'utf8'));
    assert.ok(vectors.length > 0);
    for (const { op, args, expect } of vectors) {
      assert.equal(evaluate(op, args), expect, `${op} ${args}`);
    }
  });
}
