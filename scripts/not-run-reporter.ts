import type { Reporter, TestModule } from 'vitest/node'

/**
 * Says at the end of a run what did not run for want of a program on this machine, suite by suite, and last how many
 * tests passed and failed.
 */
export default class NotRunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const suites = modules.flatMap((module) => [...module.children.allSuites()])
    const missing = suites.map(({ name }) => name).filter((name) => name.startsWith('NOT RUN: '))
    for (const name of missing) console.log(name)
    if (missing.length > 0) console.log(`NOT RUN: ${missing.length} suites in all`)
    const states = modules
      .flatMap((module) => [...module.children.allTests()])
      .map((test) => test.result().state)
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length
    const count = (state: string): number => states.filter((s) => s === state).length
    const skipped = count('skipped')
    console.log(
      `${count('passed')} passed, ${count('failed') + broken} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
    )
  }
}
