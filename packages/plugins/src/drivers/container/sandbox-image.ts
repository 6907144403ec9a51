import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { PluginError } from '@covent/core'
import { runnerPath } from '../surroundings.ts'
import type { ContainerEngine } from './container-engine.ts'

/** The label of an image that says which runner is in it. */
export const runnerLabel = 'covent.runner'

export const runnerDigest = async (): Promise<string> =>
  createHash('sha256')
    .update(await readFile(runnerPath))
    .digest('hex')

const buildCommand = (image: string, digest: string): string =>
  `docker build --tag ${image} --build-arg RUNNER_SHA256=${digest} --file deploy/sandbox/Dockerfile packages/plugins/src`

/** The id of the image, whose runner must be that of this server. */
export const sandboxImage = async ({ docker }: ContainerEngine, image: string): Promise<string> => {
  const [digest, found] = await Promise.all([
    runnerDigest(),
    docker
      .getImage(image)
      .inspect()
      .catch(() => undefined),
  ])
  if (found?.Config?.Labels?.[runnerLabel] === digest) return found.Id
  const what = found === undefined ? 'is missing' : 'holds the runner of another version'
  throw new PluginError(
    'plugin.isolation-unavailable',
    `the image ${image} ${what}; build it: ${buildCommand(image, digest)} (or podman build)`,
  )
}
