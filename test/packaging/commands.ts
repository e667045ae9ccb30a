import { execFile } from 'node:child_process';

/** Where and how a command runs. */
export interface CommandOptions {
  cwd: string;
  env?: Record<string, string>;
}

/** Runs a command and answers what it printed; the error of one that failed says all it printed. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env }: CommandOptions,
): Promise<string> {
  const options = {
    cwd,
    env: { ...ownEnvironment(), npm_config_loglevel: 'error', ...env },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 240_000,
  };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (failure, stdout, stderr) => {
      if (failure === null) return resolve(stdout);
      const { code, signal } = failure;
      const ended = `${command} ${args.join(' ')} ended with ${signal ?? code} in ${cwd}`;
      return reject(new Error(`${ended}\n${stdout}${stderr}`));
    });
  });
}

/** This process's environment without what the test runner put there for its own workers. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(VITEST.*|TEST|NODE_ENV|NODE_OPTIONS|DEV|PROD|SSR|MODE|BASE_URL)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
