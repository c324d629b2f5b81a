import { Command, CommanderError, Option } from 'commander';
import pc from 'picocolors';
import { connectCluster, disconnectCluster, preflightCluster } from './commands/connect.ts';
import type { ConnectOptions } from './commands/connect.ts';
import { wireDns, type DnsOptions } from './commands/dns.ts';
import { adoptDrift, drift, restoreDrift, type RestoreOptions } from './commands/drift.ts';
import { exec } from './commands/exec.ts';
import { exportObjects } from './commands/export.ts';
import { exportInstall } from './commands/export-install.ts';
import { exportNsm } from './commands/export-nsm.ts';
import { install, type InstallCommandOptions } from './commands/install.ts';
import { join, leave } from './commands/join-leave.ts';
import { labCluster, labReset } from './commands/lab.ts';
import { link, links, type LinkOptions } from './commands/link.ts';
import { openLink } from './commands/open-link.ts';
import { planOrApply, type FileOptions } from './commands/plan-apply.ts';
import { probe } from './commands/probe.ts';
import { status } from './commands/status.ts';
import { uninstall, type UninstallCommandOptions } from './commands/uninstall.ts';
import { why } from './commands/why.ts';
import type { InstallFlags } from './install/install-flags.ts';
import type { ChangeOptions } from './commands/apply-change.ts';
import { CommandError, EXIT } from './io/command-error.ts';
import { processIo, type CommandIo } from './io/command-io.ts';
import { up } from './up/up.ts';

interface JsonOptions {
  readonly json?: boolean;
}

type ExportOptions = JsonOptions & InstallFlags & { readonly nsm?: string; readonly install?: string };

const io = processIo();
process.exitCode = await run(io, process.argv);

async function run(output: CommandIo, argv: readonly string[]): Promise<number> {
  try {
    let exitCode: number = EXIT.done;
    await program(output, (code) => {
      exitCode = code;
    }).parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (!(error instanceof CommandError)) throw error;
    output.err(`${pc.red('flatland:')} ${error.message}`);
    if (error.next !== undefined) output.err(pc.dim(error.next));
    return error.exitCode;
  }
}

function program(output: CommandIo, setExitCode: (code: number) => void): Command {
  const root = new Command('flatland')
    .description('One flat L3 network for chosen workloads, wherever they run')
    .exitOverride()
    .enablePositionalOptions();
  const json = () => new Option('--json', 'print JSON');
  const changing = (command: Command) =>
    command
      .addOption(json())
      .option('--plan-only', 'print the plan, change nothing')
      .option('--acknowledge', 'accept the plan’s warnings');
  const describesInstallation = (command: Command) =>
    command
      .option(
        '--image <image>',
        'of agents, forwarders and controllers; this release’s where it is not given',
      )
      .option('--image-agent <image>', 'of agents alone')
      .option('--image-forwarder <image>', 'of forwarders alone')
      .option('--image-controller <image>', 'of controllers alone')
      .option('--cri-socket <path>', 'where the nodes’ container runtime listens, below /run')
      .option('--behind-nat', 'the nodes can only be reached after they spoke first');
  root
    .command('up')
    .description('start the lab and the console')
    .action(() => up(output));
  root
    .command('open')
    .description('print a new one-time link to the console')
    .addOption(json())
    .action((options: JsonOptions) => openLink(output, options));
  root
    .command('status')
    .description('clusters, domains, workloads')
    .addOption(json())
    .action((options: JsonOptions) => status(output, options));
  root
    .command('plan')
    .description('what applying objects would change')
    .requiredOption('-f, --file <path>', 'a file, a folder with a folder for each cluster, or -')
    .option('--cluster <name>', 'where objects go whose folder does not say it')
    .addOption(json())
    .action((options: FileOptions) => planOrApply(output, { ...options, planOnly: true }));
  changing(
    root
      .command('apply')
      .description('apply objects as a change set')
      .requiredOption('-f, --file <path>', 'a file, a folder with a folder for each cluster, or -')
      .option('--cluster <name>', 'where objects go whose folder does not say it'),
  ).action((options: FileOptions) => planOrApply(output, options));
  changing(
    root
      .command('join')
      .description('join a workload to a domain')
      .argument('<workload>')
      .argument('<domain>'),
  ).action((workload: string, domain: string, options: ChangeOptions) =>
    join(output, options, { workload, domain }),
  );
  changing(
    root
      .command('leave')
      .description('take a workload out of a domain')
      .argument('<workload>')
      .argument('<domain>'),
  ).action((workload: string, domain: string, options: ChangeOptions) =>
    leave(output, options, { workload, domain }),
  );
  changing(
    root
      .command('link')
      .description('let two clusters know each other’s nodes')
      .argument('<a>')
      .argument('<b>')
      .option('--from <cluster>', 'only this one of the two reaches the other: it reads and writes for both')
      .option('--through <cluster>', 'neither reaches the other: both dial this hub')
      .option('--renew', 'make new tokens for links that exist'),
  ).action((a: string, b: string, options: LinkOptions) => link(output, options, [a, b]));
  root
    .command('links')
    .description('which cluster is linked to which, and until when its token lasts')
    .addOption(json())
    .action((options: JsonOptions) => links(output, options));
  const drifting = root
    .command('drift')
    .description('objects that are not what was applied')
    .addOption(json())
    .action((options: JsonOptions) => drift(output, options));
  drifting
    .command('adopt')
    .description('want what is there; nothing is written')
    .argument('<object>', 'CLUSTER/KIND/NAMESPACE/NAME, or the end of it')
    .addOption(json())
    .action((object: string, options: JsonOptions) => adoptDrift(output, options, object));
  changing(
    drifting
      .command('restore')
      .description('put back what was applied')
      .argument('<object>', 'CLUSTER/KIND/NAMESPACE/NAME, or the end of it')
      .option('--take-over', 'force the fields that others changed, and no others'),
  ).action((object: string, options: RestoreOptions) => restoreDrift(output, options, object));
  root
    .command('why')
    .description('may A reach B, and why')
    .argument('<a>')
    .argument('<b>')
    .addOption(json())
    .action((from: string, to: string, options: JsonOptions) => why(output, options, { from, to }));
  root
    .command('probe')
    .description('send a real packet for every pair, and compare it with the verdict')
    .option('--domain <name>', 'only the members of this domain')
    .addOption(json())
    .action((options: JsonOptions & { domain?: string }) => probe(output, options));
  root
    .command('exec')
    .description('run a program inside a pod of the lab')
    .argument('<pod>', 'CLUSTER/NAMESPACE/POD')
    .argument('<command...>')
    .passThroughOptions()
    .action(async (pod: string, command: string[]) => {
      setExitCode(
        await exec(output, pod, {
          command: command[0] === '--' ? command.slice(1) : command,
          output: {
            stdout: (chunk) => void process.stdout.write(chunk),
            stderr: (chunk) => void process.stderr.write(chunk),
          },
        }),
      );
    });
  const ofKubeconfig = (command: Command) =>
    command
      .argument('<kubeconfig>', 'a file, or -')
      .option('--context <name>', 'which context; the only one or the current one where none is named')
      .option(
        '--name <cluster>',
        'what the cluster is called here; made from the context where it is not given',
      )
      .option('--read-only', 'nothing is ever written to it: changes are planned and exported')
      .addOption(json());
  ofKubeconfig(
    root.command('preflight').description('look at a cluster before it is connected; nothing is kept'),
  ).action((file: string, options: ConnectOptions) => preflightCluster(output, options, file));
  ofKubeconfig(root.command('connect').description('connect a cluster to the running console')).action(
    (file: string, options: ConnectOptions) => connectCluster(output, options, file),
  );
  root
    .command('disconnect')
    .description('forget a cluster’s credentials; nothing is deleted in it')
    .argument('<cluster>')
    .addOption(json())
    .action((cluster: string, options: JsonOptions) => disconnectCluster(output, options, cluster));
  root
    .command('dns')
    .description('let a cluster’s name server forward the names of its domains')
    .argument('<kubeconfig>', 'a file, or -')
    .option('--context <name>', 'which context; the only one or the current one where none is named')
    .option('--apply', 'write the Corefile; without it, print what it should be')
    .option('--remove', 'take out again what Flatland put in')
    .addOption(json())
    .action((file: string, options: DnsOptions) => wireDns(output, options, file));
  const exporting = root
    .command('export')
    .description('write what Flatland made in each cluster to a directory')
    .argument('<dir>')
    .option('--nsm <domain>', 'write the domain as objects of Network Service Mesh instead')
    .option('--install <cluster>', 'write what is installed on a cluster of that name instead')
    .addOption(json());
  describesInstallation(exporting).action((directory: string, options: ExportOptions) => {
    if (options.install !== undefined)
      return exportInstall(output, options, { directory, cluster: options.install });
    return options.nsm === undefined
      ? exportObjects(output, options, directory)
      : exportNsm(output, options, { directory, domain: options.nsm });
  });
  const ofClusters = (command: Command, seconds: string) =>
    command
      .argument('[context...]', 'contexts of the kubeconfig; the current or only one where none is named')
      .requiredOption('--kubeconfig <file>', 'a file, or -')
      .option('--timeout <seconds>', 'how long each step is waited for', seconds);
  describesInstallation(
    ofClusters(
      root.command('install').description('install Flatland on clusters, or bring it to this version'),
      '300',
    ),
  )
    .option('--cluster-name <name>', 'what the cluster is called; the context’s name where it is not given')
    .option('--dry-run', 'ask the cluster, write nothing')
    .option('--force-conflicts', 'take fields over that others manage')
    .option('--replace-forwarders', 'replace forwarders of another version too, node by node')
    .action((contexts: string[], options: InstallCommandOptions) => install(output, options, contexts));
  ofClusters(root.command('uninstall').description('take Flatland away from clusters'), '300')
    .option('--acknowledge', 'also where domains have members')
    .option('--leave-nodes', 'do not wait until agents have cleaned up their nodes')
    .action((contexts: string[], options: UninstallCommandOptions) => uninstall(output, options, contexts));
  root
    .command('wireguard')
    .description('run one WireGuard device by itself, with wireguard-go’s arguments and environment')
    .argument('<interface>')
    .option('-f, --foreground', 'stay in the foreground')
    .action(() => {
      throw new Error('the launcher starts devices itself');
    });
  const lab = root.command('lab').description('the embedded clusters');
  lab
    .command('reset')
    .description('forget the embedded clusters and the journal')
    .option('--yes', 'really')
    .addOption(json())
    .action((options: JsonOptions & { yes?: boolean }) => labReset(output, options));
  for (const action of ['stop', 'start'] as const)
    lab
      .command(`${action}-cluster`)
      .description(action === 'stop' ? 'take a cluster’s API away' : 'bring a cluster’s API back')
      .argument('<cluster>')
      .addOption(json())
      .action((cluster: string, options: JsonOptions) => labCluster(output, options, { action, cluster }));
  return root;
}
