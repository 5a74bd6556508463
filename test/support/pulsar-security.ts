/** What a standalone needs to be spoken to over TLS and with a token only: made on the spot, of no use elsewhere. */
import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerSettings } from '../../lab/pulsar-files';

export interface Security {
  readonly settings: BrokerSettings;
  /** Signed for the superuser. */
  readonly token: string;
  /** The certificate, which is its own authority. */
  readonly certificate: string;
}

export interface TlsPorts {
  readonly brokerPortTls: number;
  readonly httpPortTls: number;
}

/** openssl, which every machine with a TLS library has, makes the certificate. */
export function secure(folder: string, { brokerPortTls, httpPortTls }: TlsPorts): Security {
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', certificate], { stdio: 'pipe' });
  const secret = randomBytes(32);
  const secretFile = join(folder, 'secret.key');
  writeFileSync(secretFile, secret);
  const token = signed({ sub: 'admin' }, secret);
  return {
    token,
    certificate,
    settings: { ...tls({ certificate, key, brokerPortTls, httpPortTls }), ...asking(token, secretFile) },
  };
}

function tls({ certificate, key, brokerPortTls, httpPortTls }: TlsPorts & { certificate: string; key: string }) {
  return {
    brokerServicePortTls: brokerPortTls,
    webServicePortTls: httpPortTls,
    tlsCertificateFilePath: certificate,
    tlsKeyFilePath: key,
    tlsTrustCertsFilePath: certificate,
  };
}

/** The broker and its WebSocket service are clients of the broker too, and need the token themselves. */
function asking(token: string, secretFile: string): BrokerSettings {
  return {
    authenticationEnabled: true,
    authorizationEnabled: true,
    superUserRoles: 'admin',
    authenticationProviders: 'org.apache.pulsar.broker.authentication.AuthenticationProviderToken',
    tokenSecretKey: `file://${secretFile}`,
    brokerClientAuthenticationPlugin: 'org.apache.pulsar.client.impl.auth.AuthenticationToken',
    brokerClientAuthenticationParameters: `token:${token}`,
  };
}

/** A JSON Web Token, HS256. */
function signed(claims: Readonly<Record<string, string>>, secret: Buffer): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256' })}.${part(claims)}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}
