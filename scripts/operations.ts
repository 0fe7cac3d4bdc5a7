/**
 * Lists operations for `PERSISTED_OPERATIONS`: `npm run operations -- [FOLDER] [FILE]`. Each operation of the folder's .graphql files
 * with the fragments that it needs, under its SHA-256. Without arguments those of the page and of exports, into
 * `dist/operations.json`.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { concatAST, parse, print, separateOperations } from 'graphql';
import { exportDocuments } from '../export/document.ts';

const ROOT = join(import.meta.dirname, '..');
const [given, file = join(ROOT, 'dist', 'operations.json')] = process.argv.slice(2);
const folder = given ?? join(ROOT, 'web', 'src', 'operations');

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.graphql'));
const sources = files.sort().map((name) => parse(readFileSync(join(folder, name), 'utf8')));
const ofExports = given === undefined ? exportDocuments().map((document) => print(parse(document))) : [];
const documents = [
  ...Object.values(separateOperations(concatAST(sources))).map((document) => print(document)),
  ...ofExports,
];
const list = documents.map((document) => [createHash('sha256').update(document).digest('hex'), document]);

mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(Object.fromEntries(list), null, 2)}\n`);
process.stdout.write(`listed ${documents.length} operations\n`);
