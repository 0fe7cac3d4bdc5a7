/** The manifests for Kubernetes: valid by its own schemas, and such that the server takes every setting that they give it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { readConfiguration } from '../server/configuration.ts';
import { ROLES, VARIABLES } from '../server/variables.ts';

const FOLDER = join(import.meta.dirname, '../deploy/k8s');
/** Not a kind of Kubernetes itself. */
const KUSTOMIZATION = 'kustomization.yaml';
/** What Node.js reads, and not the server. */
const OF_NODE = ['NODE_OPTIONS'];

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()) }),
});
const settings = z.record(z.string(), z.string());
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const container = z.object({
  image: z.string(),
  env: z.array(z.object({ name: z.string(), value: z.string() })),
  ports: z.array(z.object({ name: z.string(), containerPort: z.int() })),
  livenessProbe: probe,
  readinessProbe: probe,
});
const labelled = z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()) }) });
const workload = z.object({
  spec: z.object({
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: labelled.extend({ spec: z.object({ containers: z.tuple([container]) }) }),
  }),
});

type Manifest = z.infer<typeof manifest> & { readonly file: string };

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && name !== KUSTOMIZATION);
const manifests: readonly Manifest[] = files.flatMap((file) =>
  parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((document) => ({
    ...manifest.parse(document.toJS()),
    file,
  })),
);
const workloads = manifests.filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind));
const podOf = (one: Manifest) => workload.parse(one).spec.template.spec.containers[0];
const dataOf = (kind: string, field: string) =>
  settings.parse(Reflect.get(manifests.find((each) => each.kind === kind) ?? {}, field));

/** The class of a kind, which checks by the schema that Kubernetes publishes. */
async function schemaOf({ apiVersion, kind }: Manifest) {
  const path = `kubernetes-models/${apiVersion}/${kind}`;
  const models: Readonly<Record<string, new (data: unknown) => { validate(): void }>> = await import(
    /* @vite-ignore */ path
  );
  const model = models[kind];
  if (model === undefined) throw new Error(`kubernetes-models has no ${kind} of ${apiVersion}`);
  return model;
}

describe('the manifests for Kubernetes', () => {
  it.each(manifests.map((one): [string, Manifest] => [`${one.kind} ${one.metadata.name}`, one]))(
    '%s is what its schema asks for',
    async (_, { file: __, ...one }) => {
      const Model = await schemaOf({ ...one, file: '' });
      expect(() => new Model(one).validate()).not.toThrow();
      // The check can fail.
      expect(() => new Model({ ...one, metadata: { name: 5 } }).validate()).toThrow();
    },
  );

  it('are all applied, but the example of a secret', () => {
    const { resources } = z
      .object({ resources: z.array(z.string()) })
      .parse(parse(readFileSync(join(FOLDER, KUSTOMIZATION), 'utf8')));
    expect([...resources].sort()).toEqual(files.filter((file) => file !== 'secret.example.yaml').sort());
  });

  it('run every role', () => {
    const roles = workloads.map((one) => podOf(one).env.find(({ name }) => name === 'ROLE')?.value);
    expect(roles.sort()).toEqual([...ROLES].sort());
  });

  describe.each(workloads.map((one): [string, Manifest] => [one.metadata.name, one]))('%s', (_, one) => {
    const pod = podOf(one);
    let environment: Record<string, string>;

    beforeAll(() => {
      const own = Object.fromEntries(pod.env.map(({ name, value }) => [name, value]));
      environment = { ...dataOf('ConfigMap', 'data'), ...dataOf('Secret', 'stringData'), ...own };
    });

    it('gives the server settings that it knows and takes', () => {
      const unknown = Object.keys(environment).filter((name) => !(name in VARIABLES) && !OF_NODE.includes(name));
      expect(unknown).toEqual([]);
      const configuration = readConfiguration(environment);
      expect(configuration.log.engine).toBe('kafka');
      expect(configuration.views.engine).toBe('mongo');
      expect([...configuration.roles]).toEqual([environment['ROLE']]);
    });

    it('is probed where the server answers, and found by its labels', () => {
      const portOf = (name: string) => pod.ports.find((each) => each.name === name)?.containerPort;
      expect(pod.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'http' });
      const ready = environment['ROLE'] === 'gateway' ? '/readyz?for=traffic' : '/readyz';
      expect(pod.readinessProbe.httpGet).toEqual({ path: ready, port: 'http' });
      expect(String(portOf('http'))).toBe(environment['PORT']);
      if (environment['METRICS_PORT'] !== undefined)
        expect(String(portOf('metrics'))).toBe(environment['METRICS_PORT']);
      const { selector, template } = workload.parse(one).spec;
      expect(template.metadata.labels).toMatchObject(selector.matchLabels);
      const budget = manifests.find(
        ({ kind, metadata }) => kind === 'PodDisruptionBudget' && metadata.name === one.metadata.name,
      );
      expect(budget?.['spec']).toMatchObject({ selector, maxUnavailable: 1 });
    });
  });
});
