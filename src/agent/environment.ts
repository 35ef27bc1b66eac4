// Owns which of the job's variables an agent sees: an allow-list, since tokens travel under any name.
import path from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

/** Where programs and toolchains are; what a build needs and no vendor puts a secret in. */
const ALLOWED =
  /^(?:PATH|LANG|LC_[A-Z]+|TZ|SHELL|JAVA_HOME\w*|GOROOT|GOROOT_\w+|RUSTUP_HOME|RUSTUP_TOOLCHAIN|DOTNET_ROOT|ANDROID_HOME|ANDROID_SDK_ROOT|ANDROID_NDK\w*|PYENV_ROOT|VIRTUAL_ENV|CONDA_PREFIX|pythonLocation|Python\d?_ROOT_DIR|PKG_CONFIG_PATH|LD_LIBRARY_PATH|GRADLE_HOME|M2_HOME|MAVEN_HOME|PNPM_HOME|VOLTA_HOME|NVM_DIR|NVM_BIN|GEM_HOME|GEM_PATH|RUNNER_OS|RUNNER_ARCH|RUNNER_TOOL_CACHE|AGENT_TOOLSDIRECTORY|ImageOS)$/;

/** Names the attempt itself gives; see `attemptEnv`. */
export interface AboutAttempt {
  readonly task: string;
  readonly attempt: number;
  readonly branch: string;
}

export function agentEnv(job: Env, about: AboutAttempt): Readonly<Record<string, string>> {
  const kept = Object.entries(job).flatMap(([name, value]) =>
    value !== undefined && ALLOWED.test(name) ? [[name, value]] : [],
  );
  return {
    ...rustupHome(job),
    ...Object.fromEntries(kept),
    CI: 'true',
    TERM: 'dumb',
    NO_COLOR: '1',
    GIT_TERMINAL_PROMPT: '0',
    TASK_ID: about.task,
    ATTEMPT: String(about.attempt),
    BRANCH: about.branch,
  };
}

/** rustup's shims on PATH look for toolchains below HOME, which is another one inside. */
function rustupHome({ HOME }: Env): Readonly<Record<string, string>> {
  return HOME === undefined ? {} : { RUSTUP_HOME: path.join(HOME, '.rustup') };
}
