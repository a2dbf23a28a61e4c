//! What programs do, by their names and arguments: the table behind the dangers of a command.

/// What a program may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Whatever its arguments are.
    Always(&'static str),
    /// With one of these words among its arguments, separated by blanks. A word that ends in `*` is
    /// the start of one.
    With(&'static str, &'static str),
    /// It creates the files or folders that it names.
    Creates,
}

use Effect::{Always, Creates, With};

pub(super) const DELETES: &str = "deletes";
pub(super) const OVERWRITES: &str = "overwrites";
pub(super) const RUNS: &str = "runs other commands";
pub(super) const RAISES: &str = "runs as another user";
pub(super) const OUTSIDE: &str = "writes outside this folder";
const STOPS: &str = "stops processes or the system";
const INSTALLS: &str = "changes what is installed";
const SYSTEM: &str = "changes the system";
const REMOTE: &str = "changes something remote";

/// Programs and builtins, of Unix and of PowerShell, in lower case and separated by blanks. A
/// program may be in several rows.
pub(super) const PROGRAMS: &[(&str, Effect)] = &[
    (
        "rm rmdir unlink shred wipe srm del erase rd remove-item ri clear-content clear-item \
        wipefs trash",
        Always(DELETES),
    ),
    ("find fd", With("-delete", DELETES)),
    ("find fd", With("-exec* -ok* -x --exec* -X", RUNS)),
    ("find", With("-fprint* -fls", OVERWRITES)),
    (
        "mv move move-item mi ren rename rename-item prename cp copy copy-item cpi xcopy robocopy \
        install rsync scp sftp tee tee-object truncate out-file set-content sc sponge split wget \
        invoke-webrequest iwr tar bsdtar unzip zip 7z unrar cpio gunzip gzip xz unxz bzip2 bunzip2 \
        zstd unzstd expand-archive dd mkfs mkswap fdisk parted sgdisk format format-volume \
        diskpart cryptsetup lvremove vgremove blkdiscard patch",
        Always(OVERWRITES),
    ),
    ("rsync", With("--delete* --remove*", DELETES)),
    ("ln", With("-f -sf -fs -nfs -sfn -snf --force", OVERWRITES)),
    (
        "sed perl ruby gawk",
        With("-i* -pi* -ni* --in-place*", OVERWRITES),
    ),
    ("sort", With("-o* --output*", OVERWRITES)),
    (
        "curl",
        With(
            "-o* -O* -LO -sO -fsSLO --output* --remote-name*",
            OVERWRITES,
        ),
    ),
    (
        "curl",
        With("-X* --request* -d* --data* -T* -F* --json", REMOTE),
    ),
    ("touch mkdir mktemp new-item ni ln", Creates),
    (
        "sudo doas su pkexec runas run0 start-process",
        Always(RAISES),
    ),
    (
        "eval source . exec xargs parallel sh bash zsh fish dash ksh csh tcsh nu pwsh powershell \
        cmd invoke-expression iex python python3 node ruby perl php osascript ssh watch at batch \
        mysql psql sqlite3 mongo mongosh redis-cli",
        Always(RUNS),
    ),
    (
        "kill pkill killall xkill stop-process taskkill shutdown reboot halt poweroff logout \
        restart-computer stop-computer",
        Always(STOPS),
    ),
    (
        "chmod chown chgrp chattr setfacl icacls attrib mount umount crontab iptables nft ufw \
        sysctl modprobe useradd userdel usermod passwd groupadd setx reg defaults launchctl \
        hostnamectl timedatectl localectl swapoff set-executionpolicy set-itemproperty",
        Always(SYSTEM),
    ),
    (
        "systemctl service loginctl journalctl",
        With(
            "start stop restart reload enable disable mask kill* edit set-* poweroff reboot \
            terminate* --vacuum* --rotate",
            SYSTEM,
        ),
    ),
    (
        "apt apt-get aptitude dnf yum zypper pacman apk brew port snap flatpak winget choco scoop \
        pip pip3 pipx uv npm pnpm yarn gem cargo go dpkg rpm",
        With(
            "install add i remove uninstall purge autoremove upgrade update dist-upgrade \
            full-upgrade delete clean prune publish -S* -R* -U* -i -e --install --remove",
            INSTALLS,
        ),
    ),
    (
        "git hg svn jj",
        With(
            "clean reset checkout restore switch rm rebase filter-branch filter-repo gc prune drop \
            clear -D --force* --delete -f abandon update-ref merge pull revert stash am apply",
            OVERWRITES,
        ),
    ),
    (
        "git hg svn jj gh glab",
        With("push commit merge delete close create edit release", REMOTE),
    ),
    (
        "docker podman nerdctl docker-compose",
        With(
            "rm rmi prune kill stop down restart run exec build push system",
            DELETES,
        ),
    ),
    (
        "kubectl helm oc terraform tofu pulumi aws gcloud az ansible ansible-playbook vagrant \
        virsh",
        Always(REMOTE),
    ),
];

/// Programs that run what follows them, whatever their own flags are.
const WRAPPERS: &str = "env nice ionice stdbuf timeout setsid nohup time command builtin";

/// Programs that only read, unless a row of [`PROGRAMS`] matches.
const READ_ONLY: &str = "\
    ls dir find fd grep egrep fgrep rg ag cat bat head tail less more wc du df stat file sort \
    uniq cut tr awk gawk sed jq yq ps pgrep top free uptime uname whoami id groups who w date \
    cal pwd echo printf which type command whereis env printenv hostname ip ss netstat lsof \
    ping dig nslookup host history column comm diff cmp md5sum sha256sum sha1sum cksum \
    basename dirname realpath readlink tree nl tac rev seq expr test true git journalctl \
    systemctl lsblk lscpu lsusb lspci numfmt cd get-childitem gci get-content gc get-process \
    get-item select-object where-object sort-object measure-object format-table format-list \
    strings";

/// Whether a list of words, separated by blanks, has the word.
pub(super) fn has(list: &str, word: &str) -> bool {
    list.split_whitespace()
        .any(|known| match known.strip_suffix('*') {
            Some(start) => word.starts_with(start),
            None => word == known,
        })
}

/// The effects of a program, by its name.
pub(super) fn effects_of(program: &str) -> impl Iterator<Item = Effect> {
    PROGRAMS
        .iter()
        .filter(move |(names, _)| has(names, program))
        .map(|(_, effect)| *effect)
}

pub(super) fn is_wrapper(program: &str) -> bool {
    has(WRAPPERS, program)
}

pub(super) fn only_reads(program: &str) -> bool {
    has(READ_ONLY, program)
}
