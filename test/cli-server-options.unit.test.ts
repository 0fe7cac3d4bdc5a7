/** Where a command looks for the server. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { remoteOptions } from '../cli/server-options.ts';

describe('a command that talks to a server', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    ['', 'http://127.0.0.1:4000'],
    ['4100', 'http://127.0.0.1:4100'],
  ])('looks on this machine, with PORT=%s at %s', (port, url) => {
    vi.stubEnv('PORT', port);
    expect(remoteOptions({}).url).toBe(url);
  });

  it('asks for --url where the server chose its port itself', () => {
    vi.stubEnv('PORT', '0');
    expect(() => remoteOptions({})).toThrow('--url');
    expect(remoteOptions({ url: 'http://127.0.0.1:4100' }).url).toBe('http://127.0.0.1:4100');
  });
});
