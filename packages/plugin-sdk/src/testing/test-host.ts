import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { ConfigurationError } from '@covent/core'
import type { Plugin } from '../contract/define-plugin.ts'
import type { TestBench, TestHost, TestHostOptions } from './bench.ts'

/** The bench of the project that the plugin's file stands in. */
const findBench = (file: string | URL): string => {
  try {
    return createRequire(file).resolve('@covent/plugins/testing')
  } catch (cause) {
    throw new ConfigurationError(
      'config.package-missing',
      `testHost runs plugins in the sandbox of @covent/plugins, which the project of ${String(file)} does not have; run \`npm install --save-dev @covent/plugins\` there`,
      { cause },
    )
  }
}

/**
 * Runs a plugin as the server would run a stranger's: in a sandbox, with no more than was granted. Rejects where it does not
 * become ready, with the reason. The package `@covent/plugins` must be installed beside the plugin.
 */
export const testHost = async (plugin: Plugin, options: TestHostOptions): Promise<TestHost> => {
  const url = pathToFileURL(findBench(options.file)).href
  const { testBench } = (await import(url)) as TestBench
  return testBench(plugin, options)
}
