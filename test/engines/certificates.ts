/** Certificates for tests of TLS: an authority of one test run, and what it issues. Nothing is kept beyond the run. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const DAY_MS = 86_400_000;
const KEYS = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNED = { ...KEYS, hash: 'SHA-256' } as const;

/** In PEM. */
export interface Issued {
  readonly certificate: string;
  /** PKCS #8, which Kafka's PEM key stores need. */
  readonly key: string;
}

export interface IssueOptions {
  /** The subject's common name (CN). */
  readonly name: string;
  /** Names and IP addresses of the server; none: a client's certificate. */
  readonly hosts?: readonly string[];
  /** Its time was over yesterday. */
  readonly expired?: boolean;
}

export class Authority {
  /** Its own certificate, in PEM: what those who trust it need. */
  readonly certificate: string;
  readonly #name: string;
  readonly #keys: CryptoKeyPair;

  private constructor(name: string, keys: CryptoKeyPair, certificate: x509.X509Certificate) {
    this.#name = name;
    this.#keys = keys;
    this.certificate = `${certificate.toString('pem')}\n`;
  }

  static async create(name = 'Tests'): Promise<Authority> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      ...days(-1, 2),
      keys,
      signingAlgorithm: SIGNED,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    });
    return new Authority(name, keys, certificate);
  }

  async issue({ name, hosts = [], expired = false }: IssueOptions): Promise<Issued> {
    const keys = await newKeys();
    const names = hosts.map((value) => ({
      type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const),
      value,
    }));
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${name}`,
      issuer: `CN=${this.#name}`,
      ...(expired ? days(-3, -1) : days(-1, 2)),
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: SIGNED,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        // A member of MongoDB's replica set is a client of itself.
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      ],
    });
    const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
    return {
      certificate: `${certificate.toString('pem')}\n`,
      key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
    };
  }
}

async function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
}

function days(from: number, to: number) {
  return { notBefore: new Date(Date.now() + from * DAY_MS), notAfter: new Date(Date.now() + to * DAY_MS) };
}
