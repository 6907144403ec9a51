import type { Guarantees, IsolationDriver, Strength } from '../isolation-driver.ts'
import { probeSandbox } from '../probe.ts'

/** What was seen to hold where no kernel stands between plugin and host. */
export const runtimeStrengths = async (
  driver: IsolationDriver,
  memory: Guarantees['memory'],
): Promise<Guarantees> => {
  const found = await probeSandbox(driver, { permissionModel: 'on' })
  const strength = (held: boolean): Strength => (held ? 'runtime' : 'none')
  return {
    fs: strength(found.fs),
    net: strength(found.net),
    env: strength(found.env),
    signals: strength(found.signals),
    disk: strength(found.disk),
    native: strength(found.native),
    memory,
    cpu: 'none',
    pids: 'none',
  }
}
