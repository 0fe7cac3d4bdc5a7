/**
 * `npm run golden`: writes down what is on the log and in the views now, for `test/golden.unit.test.ts` to hold later code
 * against. It adds versions that are not there yet, and never changes one that is: old data stay on the log for ever.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GoldenDocuments, goldenDocuments } from '../test/golden/documents.ts';
import { type GoldenRecord, goldenOf, recordTypes } from '../test/golden/record-types.ts';

const FOLDER = join(import.meta.dirname, '..', 'test', 'golden');
const RECORDS = join(FOLDER, 'records.json');
const DOCUMENTS = join(FOLDER, 'documents.json');

function read<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function write(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

const golden = [...(read<GoldenRecord[]>(RECORDS) ?? [])];
const added = recordTypes()
  .map(goldenOf)
  .filter(({ type, version }) => !golden.some((each) => each.type === type && each.version === version));
write(
  RECORDS,
  [...golden, ...added].sort((one, other) => (one.type < other.type ? -1 : 1) * (one.type === other.type ? 0 : 1)),
);
for (const { type, version } of added) process.stdout.write(`added ${type}, version ${version}\n`);

const now = await goldenDocuments();
const was = read<GoldenDocuments>(DOCUMENTS);
if (was?.shape === now.shape && JSON.stringify(was.documents) !== JSON.stringify(now.documents)) {
  process.stderr.write('the documents have changed: raise SHAPE in projectors/documents.ts first\n');
  process.exit(1);
}
write(DOCUMENTS, now);
