/** Which version of Counterfoil this is: that of the package, beside the sources or a folder up from what is built from them. */
import { existsSync, readFileSync } from 'node:fs';

const files = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url));
const file = files.find((each) => existsSync(each));
const described: unknown = file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'));

export const version = String(Reflect.get(Object(described), 'version') ?? 'unknown');
