/** Model → text (RFC 8866 section 9); every line ends with CRLF. */
import type { MediaDescription } from './media-description';
import type { SdpAttribute, SdpConnection, SdpLine, SessionDescription } from './session-description';

function connectionLine(connection: SdpConnection): string {
  return `c=${connection.networkType} ${connection.addressType} ${connection.address}`;
}

function keptLine(line: SdpLine): string {
  return `${line.type}=${line.value}`;
}

function attributeLine(attribute: SdpAttribute): string {
  return attribute.value === null ? `a=${attribute.name}` : `a=${attribute.name}:${attribute.value}`;
}

function pushMediaSection(lines: string[], section: MediaDescription): void {
  const port = section.portCount === null ? `${section.port}` : `${section.port}/${section.portCount}`;
  lines.push(`m=${section.kind} ${port} ${section.protocol} ${section.formats.join(' ')}`);
  if (section.title !== null) lines.push(`i=${section.title}`);
  for (const connection of section.connections) lines.push(connectionLine(connection));
  for (const line of section.linesAfterConnection) lines.push(keptLine(line));
  for (const attribute of section.attributes) lines.push(attributeLine(attribute));
}

export function serializeSessionDescription(description: SessionDescription): string {
  const { origin } = description;
  const lines = [
    'v=0',
    `o=${origin.username} ${origin.sessionId} ${origin.sessionVersion} ${origin.networkType} ` +
      `${origin.addressType} ${origin.unicastAddress}`,
    `s=${description.sessionName}`,
  ];
  for (const line of description.linesAfterName) lines.push(keptLine(line));
  if (description.connection !== null) lines.push(connectionLine(description.connection));
  for (const line of description.linesAfterConnection) lines.push(keptLine(line));
  for (const attribute of description.attributes) lines.push(attributeLine(attribute));
  for (const section of description.media) pushMediaSection(lines, section);
  lines.push('');
  return lines.join('\r\n');
}
