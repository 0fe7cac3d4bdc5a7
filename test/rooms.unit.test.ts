/** Every room, a folder with sources at the top of the repository, tells what it is for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = /\.(ts|tsx|js|graphql)$/;
const NO_ROOMS = new Set(['node_modules', 'dist', 'data', 'coverage']);

const rooms = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NO_ROOMS.has(entry.name))
  .map(({ name }) => name)
  .filter((name) => readdirSync(join(ROOT, name), { recursive: true, encoding: 'utf8' }).some((f) => SOURCE.test(f)));

describe('The rooms', () => {
  it.each(rooms)('%s has a README: what it is for, what may not be in it, and a way in that is there', (room) => {
    const readme = readFileSync(join(ROOT, room, 'README.md'), 'utf8');
    expect(readme).toMatch(/^\*\*For:\*\* \S/m);
    expect(readme).toMatch(/^\*\*Not here:\*\* \S/m);
    const [, way] = readme.match(/^\*\*Way in:\*\* `([^`]+)`/m) ?? [];
    expect(way, `${room}/README.md names no way in`).toBeDefined();
    expect(existsSync(join(ROOT, room, way ?? '')), `${room}/${way} is not there`).toBe(true);
  });
});
