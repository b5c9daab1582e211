import { machineArchitecture, writeOciArchive } from './oci-archive.ts';
import { pauseProgram } from './pause-program.ts';
import { tarArchive } from './tar.ts';

/** The image of every pod's sandbox. Never pulled: each node gets it when it is made. */
export const pauseImageName = 'coxswain.example/pause:1';

/** Writes the pause image for this machine's processor as an OCI archive. */
export async function writePauseImage(out: string): Promise<void> {
  const architecture = machineArchitecture();
  const tar = tarArchive([{ path: 'pause', mode: 0o755, content: pauseProgram(architecture) }]);
  const config = { Entrypoint: ['/pause'], User: '65535:65535' };
  await writeOciArchive({ name: pauseImageName, architecture, config, layers: [{ tar }] }, out);
}
