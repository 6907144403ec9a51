import { hostname } from 'node:os'
import type Dockerode from 'dockerode'
import { sandboxLabel } from './container-options.ts'

const isGone = (owner: string | undefined): boolean => {
  const [machine, pid] = owner?.split(':') ?? []
  if (machine !== hostname()) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Removes containers of servers of this machine that died: an engine does not end them with their server. */
export const removeLeftBehind = async (docker: Dockerode): Promise<void> => {
  const found = await docker.listContainers({ all: true, filters: { label: [sandboxLabel] } })
  const orphans = found.filter(({ Labels }) => isGone(Labels[sandboxLabel]))
  await Promise.allSettled(orphans.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })))
}
