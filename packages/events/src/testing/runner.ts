/** The two functions of a test runner that the suite needs; Vitest and `node:test` fit. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}
