import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { systemClock } from '@covent/core'
import { describeUnless } from '@covent/testing'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { containerDriver } from '../../src/drivers/container/container.ts'
import { ownerLabel, sandboxLabel } from '../../src/drivers/container/container-options.ts'
import { removeLeftBehind } from '../../src/drivers/container/left-behind.ts'
import { driverSuite, isolationSuite, type Runner } from '../../src/testing.ts'
import { containment } from '../containment.ts'
import { hostileHost } from '../hostile/hostile-host.ts'
import { hostileSuite } from '../hostile/hostile-suite.ts'
import { podmanEngine } from './podman-engine.ts'

const killContainers = async (): Promise<void> => {
  for (const { Id } of await docker.listContainers()) await docker.getContainer(Id).kill()
}
const endedProcess = async (): Promise<number> => {
  const child = spawn(process.execPath, ['-e', '0'])
  await once(child, 'exit')
  return child.pid!
}

const runner: Runner = { describe, it, beforeAll, afterAll, expect }
const engine = await podmanEngine()
const settings = typeof engine === 'string' ? { image: '' } : engine
const docker = new Docker({ socketPath: typeof engine === 'string' ? '/nowhere' : engine.socket })
const driver = containerDriver({ level: 'container', settings }, systemClock)

afterAll(async () => {
  if (typeof engine !== 'string') await engine.stop()
})

describeUnless(typeof engine === 'string' ? engine : undefined, 'the container sandbox', () => {
  it('is seen by its probe to be held by the kernel', async () => {
    expect(await driver.probe()).toEqual({
      fs: 'kernel',
      net: 'kernel',
      env: 'kernel',
      signals: 'kernel',
      native: 'kernel',
      disk: 'kernel',
      memory: 'cgroup',
      cpu: 'cgroup',
      pids: 'cgroup',
    })
  })

  describe('in a host with hostile plugins', () => {
    // An engine takes its time to end a container that floods it; others are answered meanwhile, which is what is held.
    hostileSuite('container', typeof engine === 'string' ? {} : { engine, patienceMs: 90_000 })
  })

  isolationSuite(runner, 'as plugins run in it', { open: () => driver })
  driverSuite(runner, 'serves', { open: () => driver })
  containment('contains', driver, killContainers)

  it('leaves no container behind, and removes those of a server that died', async () => {
    await removeLeftBehind(docker)
    const own = await docker.listContainers({ all: true })
    expect(own.filter(({ Labels }) => Labels[sandboxLabel] !== ownerLabel())).toEqual([])
    const { id } = await docker.createContainer({
      Image: settings.image,
      Cmd: ['-e', '0'],
      Labels: { [sandboxLabel]: `${hostname()}:${await endedProcess()}` },
      HostConfig: {
        Ulimits: [
          { Name: 'nofile', Soft: 64, Hard: 64 },
          { Name: 'nproc', Soft: 64, Hard: 64 },
        ],
      },
    })
    await removeLeftBehind(docker)
    await expect(docker.getContainer(id).inspect()).rejects.toMatchObject({ statusCode: 404 })
  })

  it('ends a plugin that loops with its server, when that is killed', async () => {
    if (typeof engine === 'string') throw new Error(engine)
    const host = await hostileHost('container', { engine })
    await host.loop()
    const label = [`${sandboxLabel}=${hostname()}:${host.pid}`]
    const left = async () => (await docker.listContainers({ all: true, filters: { label } })).length
    expect(await left()).toBe(1)
    await host.kill()
    await expect.poll(left, { timeout: 10_000 }).toBe(0)
  })

  it('says how to build an image that is missing or of another version', async () => {
    const missing = containerDriver(
      { level: 'container', settings: { ...settings, image: 'no-such' } },
      systemClock,
    )
    await expect(missing.probe()).rejects.toThrow(
      /no-such is missing; build it: docker build .*--build-arg RUNNER_SHA256=\w{64}/,
    )
  })

  it('is no virtual machine where the engine has no such runtime', async () => {
    const vm = containerDriver({ level: 'vm', settings }, systemClock)
    const error: unknown = await vm.probe().catch((e: unknown) => e)
    expect(error).toMatchObject({
      message: expect.stringMatching(/kernel of all containers|runsc|runtime/) as string,
    })
  })
})
