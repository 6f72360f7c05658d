// Loaded only by pages of a development server: reloads them when the server is back after a restart.
const open = () => {
  const source = new EventSource("/dev/reload");
  source.onerror = () => {
    source.close();
    const again = async () => {
      try {
        const answer = await fetch("/healthz", { cache: "no-store" });
        if (answer.ok) return location.reload();
      } catch {
        // Not up yet.
      }
      setTimeout(again, 300);
    };
    again();
  };
};
open();
