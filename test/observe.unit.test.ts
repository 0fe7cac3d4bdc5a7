/**
 * What stands in deploy/observe is held to the code: every query parses, every metric and label in it is one that a process
 * tells, and every alert is explained. Alert rules are tested by promtool, where it is.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRICS } from '../telemetry/metric-table.ts';
import { createMetrics } from '../telemetry/metrics.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'deploy', 'observe');
const text = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');
const yaml = (...path: string[]) => parse(text(...path), { merge: true });

interface Query {
  readonly of: string;
  readonly expr: string;
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const rules: readonly Rule[] = yaml('deploy/observe/alerts.yml').groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
);
const dashboard: {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
} = JSON.parse(text('deploy/observe/grafana/counterfoil.json'));
const queries: readonly Query[] = [
  ...rules.map(({ alert, expr }) => ({ of: alert, expr })),
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ of: title, expr }))),
  ...dashboard.annotations.list.map(({ expr }) => ({ of: 'annotations', expr })),
];

/** A metric that a query asks for, with the labels by which it is selected. */
interface Selected {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** @throws where the query does not parse */
function selectedIn({ of, expr }: Query): readonly Selected[] {
  // Grafana's own variable, a duration.
  const query = expr.replaceAll('$__rate_interval', '1m');
  const found: { metric: string; labels: string[] }[] = [];
  parser.parse(query).iterate({
    enter({ name, type, from, to }) {
      if (type.isError) throw new Error(`${of}: ${query} does not parse at ${from}`);
      const part = query.slice(from, to);
      if (name === 'VectorSelector') found.push({ metric: '', labels: [] });
      const last = found.at(-1);
      if (last === undefined) return;
      if (name === 'Identifier' && last.metric === '') last.metric = part;
      if (name === 'LabelName' && last.metric !== '') last.labels.push(part);
    },
  });
  return found;
}

const registry = createMetrics().registry.getMetricsAsArray();
/** Added by Prometheus itself, or by the scrape's settings. */
const ANYWHERE = ['job', 'instance', 'role', 'le'];

/** The labels of a metric as it is stored; undefined when nobody tells it. */
function labelsOf(metric: string): readonly string[] | undefined {
  if (metric === 'up') return [];
  if (metric === 'ALERTS') return ['alertname', 'alertstate', 'severity', 'part'];
  const family = registry.find(
    ({ name }) => name === metric || [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(metric),
  );
  if (family === undefined) return undefined;
  const spec = Object.entries(METRICS).find(([name]) => name === family.name)?.[1];
  return spec?.labels ?? ['kind'];
}

describe('the queries of the dashboard and the alerts', () => {
  it.each(queries)('$of asks for metrics that are told, by labels that they have: $expr', (query) => {
    const selected = selectedIn(query);
    expect(selected.length).toBeGreaterThan(0);
    for (const { metric, labels } of selected) {
      const known = labelsOf(metric);
      expect(known, `nobody tells ${metric}`).toBeDefined();
      for (const label of labels) expect([...ANYWHERE, ...(known ?? [])], `${metric} by ${label}`).toContain(label);
    }
  });

  it('would tell of a metric that nobody tells, of a label that there is not, and of a query that does not parse', () => {
    expect(selectedIn({ of: '', expr: 'rate(counterfoil_nothing_total{colour="red"}[1m])' })).toEqual([
      { metric: 'counterfoil_nothing_total', labels: ['colour'] },
    ]);
    expect(labelsOf('counterfoil_nothing_total')).toBeUndefined();
    expect(() => selectedIn({ of: '', expr: 'sum(rate(up[1m])' })).toThrow('does not parse');
  });

  it('group by labels that the metrics have', () => {
    const all = new Set([...ANYWHERE, 'alertname', ...Object.values(METRICS).flatMap(({ labels }) => labels)]);
    for (const { of, expr } of queries) {
      for (const [, list = ''] of expr.matchAll(/\bby \(([^)]*)\)/g)) {
        for (const label of list.split(/, */)) expect([...all], `${of}: by ${label}`).toContain(label);
      }
    }
  });

  it('ask for every metric of ours', () => {
    const asked = queries.map(({ expr }) => expr).join('\n');
    for (const name of Object.keys(METRICS)) expect(asked).toContain(name);
  });
});

describe('the alerts', () => {
  const observing = text('docs/observing.md');

  it.each(rules)(
    '$alert says how bad it is, and has a section that says what to do',
    ({ alert, labels, annotations }) => {
      expect(['warning', 'critical']).toContain(labels.severity);
      expect(annotations.summary).not.toBe('');
      expect(annotations.runbook).toBe(`docs/observing.md#${alert.toLowerCase()}`);
      const [, section = ''] = observing.split(`\n### ${alert}\n`);
      expect(section.split('\n### ')[0]).toMatch(/\*\*What it means\.\*\*[\s\S]*\*\*What to do\.\*\*/);
    },
  );

  it('are all that the page explains', () => {
    const explained = [...observing.matchAll(/^### (Counterfoil\w+)$/gm)].map(([, name]) => name);
    expect(explained).toEqual(rules.map(({ alert }) => alert));
  });

  const promtool = process.env['PROMTOOL'] ?? 'promtool';
  // In CI it has to be there, so that no run is green because it left this out.
  const there = process.env['CI'] === 'true' || spawnSync(promtool, ['--version']).status === 0;
  const title = 'fire, and are silent, as alerts.test.yml says';
  it.skipIf(!there)(there ? title : `${title} (left out: there is no promtool; it comes with Prometheus)`, () => {
    for (const args of [
      ['check', 'config', 'prometheus.yml'],
      ['test', 'rules', 'alerts.test.yml'],
    ]) {
      const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: FOLDER, encoding: 'utf8' });
      expect(status, `${stdout}${stderr}`).toBe(0);
    }
  });

  it('each have a test', () => {
    const tested = text('deploy/observe/alerts.test.yml');
    for (const { alert } of rules) expect(tested).toContain(alert);
  });
});

describe('the dashboard', () => {
  it('has a description for every panel, and none that lies over another', () => {
    const cells = new Set<string>();
    for (const { title, type, description, gridPos } of dashboard.panels) {
      if (type !== 'row') expect(description, title).toBeTruthy();
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x} ${y}`), title).toBe(false);
          cells.add(`${x} ${y}`);
        }
      }
    }
  });
});

describe('docker compose --profile observe', () => {
  const compose = yaml('docker-compose.yml');
  const prometheus = yaml('deploy/observe/prometheus.yml');

  it('adds services to those that there are without it', () => {
    const observing = Object.entries<{ profiles?: string[] }>(compose.services).filter(([, { profiles }]) => profiles);
    expect(observing.map(([name, { profiles }]) => [name, profiles])).toEqual(
      ['jaeger', 'prometheus', 'grafana'].map((name) => [name, ['observe']]),
    );
  });

  it('mounts files that are there, and publishes to this machine alone', () => {
    for (const [name, { volumes = [], ports = [] }] of Object.entries<{ volumes?: string[]; ports?: string[] }>(
      compose.services,
    )) {
      for (const volume of volumes) {
        const [from = ''] = volume.split(':');
        if (from.startsWith('./')) expect(() => readdirSync(join(ROOT, from, '..'))).not.toThrow();
        else expect(Object.keys(compose.volumes), name).toContain(from);
      }
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('scrapes every service of ours on the port where it tells metrics', () => {
    const ours = ['gateway', 'outbox', 'processor', 'projector'];
    const [
      {
        dns_sd_configs: [found],
      },
    ] = prometheus.scrape_configs;
    expect(found.names.sort()).toEqual(ours);
    for (const service of ours) {
      const { METRICS_PORT: port, HOST: host } = compose.services[service].environment;
      expect([port, host]).toEqual([found.port, '0.0.0.0']);
    }
  });

  it('has Grafana ask for what the dashboard names', () => {
    const { datasources } = yaml('deploy/observe/grafana/provisioning/datasources/counterfoil.yml');
    const urls = datasources.map(({ url }: { url: string }) => new URL(url).hostname);
    for (const host of urls) expect(Object.keys(compose.services)).toContain(host);
    const { providers } = yaml('deploy/observe/grafana/provisioning/dashboards/counterfoil.yml');
    const mounts: readonly string[] = compose.services.grafana.volumes;
    expect(mounts.some((mount) => mount.includes(`:${providers[0].options.path}/`))).toBe(true);
  });
});
