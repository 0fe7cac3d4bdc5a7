/** What `/metrics` tells, sample by sample. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function samplesIn(exposition: string): readonly Sample[] {
  return exposition.split('\n').flatMap((line) => {
    const [, name, within = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const labels = Object.fromEntries([...within.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, of]) => [label, of]));
    return [{ name, labels, value: Number(value) }];
  });
}
