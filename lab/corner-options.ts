/** Options of processes that stay in one corner of the servers. Each has a variable, since containers are told by these. */
import { type Command, Option } from 'commander';
import { TOPIC } from './experiment';

/** Where a lab that stays lives unless told otherwise. */
export const LAB_NAMESPACE = 'public/orderlab';

/** Beside `orderlab audit`, which reads the same variables. */
export const BROKER_VARIABLE = 'ORDERLAB_PULSAR_WS';
export const STORE_VARIABLE = 'ORDERLAB_REDIS_URL';

export function addCornerOptions(command: Command): Command {
  command
    .addOption(variable('--broker <url>', 'where messages are', BROKER_VARIABLE, 'embedded:'))
    .addOption(variable('--store <url>', 'where the read model is', STORE_VARIABLE, 'embedded:'))
    .addOption(variable('--namespace <tenant/namespace>', 'of the topic', 'ORDERLAB_NAMESPACE', LAB_NAMESPACE))
    .addOption(variable('--topic <topic>', 'the topic', 'ORDERLAB_TOPIC', TOPIC))
    .addOption(
      variable('--key-prefix <prefix>', 'begins every key of the read model', 'ORDERLAB_KEY_PREFIX', 'orderlab:lab'),
    )
    .addOption(
      variable('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker)", 'ORDERLAB_PULSAR_ADMIN'),
    );
  return addMetricsOptions(command);
}

/** The port that is scraped, apart from whatever else the process serves. */
export function addMetricsOptions(command: Command): Command {
  return command
    .addOption(variable('--metrics-port <port>', 'serve /metrics, /healthz and /readyz there', 'ORDERLAB_METRICS_PORT'))
    .addOption(
      variable('--metrics-host <host>', 'where that port listens (default: 127.0.0.1)', 'ORDERLAB_METRICS_HOST'),
    );
}

export function variable(flags: string, text: string, name: string, preset?: string): Option {
  const option = new Option(flags, text).env(name);
  return preset === undefined ? option : option.default(preset);
}
