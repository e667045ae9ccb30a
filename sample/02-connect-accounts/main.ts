import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { burst, machineCall } from './proof/proof.js';
import { startSample, type Sample } from './start-sample.js';

/** `--exit`: do it all and leave; without it, stay until Ctrl-C. */
const { values } = parseArgs({ options: { exit: { type: 'boolean', default: false } } });

const sample = await startSample();
print(addresses(sample));

try {
  print(await machineCall(sample));
  print(await burst(sample));
} catch (error) {
  console.error('failed:', error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

if (values.exit) {
  await sample.close();
} else {
  print('\nCtrl-C stops everything.');
  sample.app.enableShutdownHooks(['SIGINT', 'SIGTERM'], { useProcessExit: true });
}

function addresses({ addresses: { application, authorizationServer, api } }: Sample): string {
  return [
    `Application           ${application}   (open this one)`,
    `Authorization server  ${authorizationServer}`,
    `Protected API         ${api}`,
    '',
  ].join('\n');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
