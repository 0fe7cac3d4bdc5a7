/** Every room, a folder with sources at the top of the repository, tells what it is for; the README shows the way through. */
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

  it('stand in the README’s picture in the order in which its table opens them, each with a file that is there', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const [, picture = ''] = readme.match(/```mermaid\n([\s\S]*?)```/) ?? [];
    const shown = [...picture.matchAll(/\b(\d+) (\w+)\//g)].map(([, number, room]) => `${number} ${room}`);
    const table = [...readme.matchAll(/^\| (\d+) +\| `(\w+)\/` +\| `(\w+)\/([\w/.-]+)`/gm)];
    expect(table.map(([, number, room]) => `${number} ${room}`)).toEqual(
      shown.sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10)),
    );
    expect(new Set(shown).size).toBe(10);
    for (const [, , room, ofFile, file = ''] of table) {
      expect(ofFile).toBe(room);
      expect(existsSync(join(ROOT, room ?? '', file)), `${room}/${file}`).toBe(true);
      // The room's own README begins with the same file.
      expect(readFileSync(join(ROOT, room ?? '', 'README.md'), 'utf8')).toContain(`**Way in:** \`${file}\``);
    }
  });
});
