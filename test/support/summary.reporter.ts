import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

/**
 * Closes a run with `N passed, N failed, N skipped` alone on a line, and names what was not run.
 * With `CI` set a test that was skipped or is still to do fails the run: there everything that
 * the tests need can be had, so a skip would be a hole nobody sees.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);

    const passed = inState('passed').length;
    // A file that cannot be loaded, or a hook that throws, has no failed test of its own.
    const failed =
      inState('failed').length +
      modules
        .flatMap((module) => [module, ...module.children.allSuites()])
        .filter((group) => group.errors().length > 0).length +
      unhandledErrors.length;
    const notRun = tests.filter((test) => ['skipped', 'pending'].includes(test.result().state));

    for (const test of notRun) console.warn(`NOT RUN: ${nameOf(test)}${reason(test)}`);
    console.log(`\n${passed} passed, ${failed} failed, ${notRun.length} skipped`);

    if (process.env.CI && notRun.length > 0) {
      console.error('With CI set, a test that was not run fails the run.');
      process.exitCode = 1;
    }
  }
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}

/** What `context.skip('why')` was told. */
function reason(test: TestCase): string {
  const result = test.result();
  return result.state === 'skipped' && result.note ? `: ${result.note}` : '';
}
