import type { Reporter, TestModule, TestSuite } from 'vitest/node'

/** Says at the end of a run what did not run for want of a program on this machine, line by line, and how many. */
export default class NotRunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const missing = modules.flatMap((module) =>
      [...module.children.allSuites()].map(notRun).filter((name) => name !== undefined),
    )
    for (const name of missing) console.log(name)
    if (missing.length > 0) console.log(`NOT RUN: ${missing.length} suites in all`)
  }
}

const notRun = (suite: TestSuite): string | undefined =>
  suite.name.startsWith('NOT RUN: ') ? suite.name : undefined
