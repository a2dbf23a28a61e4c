# Template: packaging/homebrew.sh fills in the version and the checksums of a release.
class Amx < Formula
  desc "Profile-based access to any LLM from the terminal"
  homepage "https://github.com/amx-cli/amx"
  version "@VERSION@"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "https://github.com/amx-cli/amx/releases/download/v@VERSION@/amx-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256 amx-aarch64-apple-darwin.tar.gz@"
    end
    on_intel do
      url "https://github.com/amx-cli/amx/releases/download/v@VERSION@/amx-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256 amx-x86_64-apple-darwin.tar.gz@"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/amx-cli/amx/releases/download/v@VERSION@/amx-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 amx-aarch64-unknown-linux-musl.tar.gz@"
    end
    on_intel do
      url "https://github.com/amx-cli/amx/releases/download/v@VERSION@/amx-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 amx-x86_64-unknown-linux-musl.tar.gz@"
    end
  end

  def install
    bin.install "amx"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/amx.bash" => "amx"
    fish_completion.install "completions/amx.fish"
    zsh_completion.install "completions/_amx"
    doc.install "README.md", "changelog.md"
  end

  test do
    assert_match "amx #{version}", shell_output("#{bin}/amx --version")
    assert_match "scripted", shell_output("#{bin}/amx chat -p demo Hello 2>&1")
  end
end
