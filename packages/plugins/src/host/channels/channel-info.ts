import type { PluginInfo } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'

/** A plugin's channels, as lists and health show them; nothing where it has none. */
export const channelsOf = (manifest: Manifest | undefined): Pick<PluginInfo, 'channels'> => {
  const { channels = [] } = manifest?.contributes ?? {}
  if (channels.length === 0) return {}
  return {
    channels: channels.map(({ name, protocol, endpoints }) => ({
      name,
      endpoints,
      ...(protocol !== undefined && { protocol }),
    })),
  }
}
