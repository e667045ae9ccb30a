import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../packaging/commands.js';
import { root } from '../packaging/repository.js';

/** One test of the suite: its file, and its full title as the reporter says it. */
export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

/** One exact change of a source file. */
export interface Edit {
  readonly file: string;
  readonly replace: string;
  readonly by: string;
}

/** A defect, and the test that is there to find it. */
export interface Defect {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly foundBy: NamedTest;
}

/** What came of a named test. */
export interface Outcome {
  readonly status: string;
  /** What it failed with. */
  readonly failure: string;
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const COPIED = ['lib', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
const TABLE = 'Bring the table in test/defects up to date.';

/** A throwaway copy of the project, in which sources may be broken and single tests be run. */
export class PlantedCopy {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'planted-')));

  constructor() {
    for (const name of COPIED) {
      cpSync(join(root, name), join(this.#folder, name), { recursive: true });
    }
    // A folder of its own with links in it: what vitest caches there stays in the copy.
    const modules = join(this.#folder, 'node_modules');
    mkdirSync(modules);
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name.startsWith('.vite')) continue;
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
  }

  /** Breaks the copy; what is returned mends it. Throws where the text to replace is not there. */
  plant({ name, edits }: Pick<Defect, 'name' | 'edits'>): () => void {
    const before = new Map<string, string>();
    const mend = () => {
      for (const [path, text] of before) writeFileSync(path, text);
    };
    try {
      for (const { file, replace, by } of edits) {
        const path = join(this.#folder, file);
        const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
        const [head = '', ...tails] = text.split(replace);
        if (tails.length !== 1) {
          throw new Error(
            `The defect "${name}" cannot be planted: ${file} holds the text that it replaces ` +
              `${tails.length} times, and not once. ${TABLE}\n\n${replace}`,
          );
        }
        if (!before.has(path)) before.set(path, text);
        writeFileSync(path, `${head}${by}${tails[0]}`);
      }
    } catch (error) {
      mend();
      throw error;
    }
    return mend;
  }

  /** Runs exactly these tests, in one process, and says what came of each. */
  async run(tests: readonly NamedTest[]): Promise<Outcome[]> {
    const reportFile = join(this.#folder, 'report.json');
    rmSync(reportFile, { force: true });
    const titles = [...new Set(tests.map(({ title }) => title.replace(/[^\w ]/g, '\\$&')))];
    const args = [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--project=library',
      '--no-file-parallelism',
      // Starting up is most of what this takes: files share modules, runs what is not planted in.
      ...['--pool=threads', '--no-isolate', '--experimental.fsModuleCache'],
      ...['--reporter=json', `--outputFile=${reportFile}`],
      `--testNamePattern=^(${titles.join('|')})$`,
      ...new Set(tests.map(({ file }) => file)),
    ];
    await run(process.execPath, args, { cwd: this.#folder }).catch((error: unknown) => {
      // A test that fails makes vitest fail; without a report it has not come that far.
      if (!existsSync(reportFile)) throw error;
    });
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
    return tests.map((test) => this.#outcome(report, test));
  }

  /** Removes the copy. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #outcome({ testResults }: Report, { file, title }: NamedTest): Outcome {
    const module = testResults.find(({ name }) => name === join(this.#folder, file));
    const found = module?.assertionResults.filter(({ fullName }) => fullName === title) ?? [];
    const [test] = found;
    if (test === undefined || found.length > 1) {
      throw new Error(
        `${file} has ${found.length} tests named "${title}". ${TABLE}\n${module?.message ?? ''}`,
      );
    }
    return { status: test.status, failure: test.failureMessages.join('\n') };
  }
}
