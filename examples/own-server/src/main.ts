import { Lifecycle, Models } from '@covent/core'
import { compose, swap } from '@covent/di'
import { defaultModules, loadServerConfig, roots, serve } from '@covent/server'
import { ContainerModule } from 'inversify'
import { parrots } from './parrot.ts'
import { TurnCounter } from './turn-counter.ts'

const counting = new ContainerModule(({ bind }) => {
  bind(TurnCounter)
    .toSelf()
    .onActivation((context, counter) => context.get(Lifecycle).add(counter))
})

const config = await loadServerConfig(process.argv.slice(2), process.env)
const app = await compose([...roots, TurnCounter], ...defaultModules(config), swap(Models, parrots), counting)
process.exit(await serve(app, config))
