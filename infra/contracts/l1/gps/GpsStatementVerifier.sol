// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GpsOutputs} from "./GpsOutputs.sol";
import {MemoryPageRegistry} from "./MemoryPageRegistry.sol";
import {wordAt, wordsFrom} from "./OldWords.sol";
import {ToldStarkCheck} from "./ToldStarkCheck.sol";

/// The registry of what ran in StarkWare's shared prover: our own contract with the bookkeeping of theirs (2022_7). It builds
/// the main page of the public memory from the tasks that are claimed, compares it with the one that the proof is about,
/// has the proof checked (a stand-in takes it), and registers the fact of each task.
contract GpsStatementVerifier is GpsOutputs {
    uint256 private constant PRIME = 2 ** 251 + 17 * 2 ** 192 + 1;
    uint256 private constant BUILTINS = 8;

    // Places in the public input.
    uint256 private constant EXECUTION_BEGIN = 6;
    uint256 private constant EXECUTION_STOP = 7;
    uint256 private constant OUTPUT_BEGIN = 8;
    uint256 private constant OUTPUT_STOP = 9;

    /// The first cell that a program may have: 0 is kept for no address.
    uint256 private constant FIRST_PC = 1;

    address private immutable bootloader;
    MemoryPageRegistry private immutable memoryPages;
    uint256 private immutable supportedVerifiers;
    uint256 private immutable simpleBootloader;
    address[] private checks;

    /// Cells of the main page, as they are written.
    struct Page {
        uint256[] words;
        uint256 filled;
    }

    constructor(
        address bootloaderProgram,
        address memoryPageRegistry,
        address[] memory starkChecks,
        uint256 hashedSupportedCairoVerifiers,
        uint256 simpleBootloaderProgramHash
    ) {
        bootloader = bootloaderProgram;
        memoryPages = MemoryPageRegistry(memoryPageRegistry);
        checks = starkChecks;
        supportedVerifiers = hashedSupportedCairoVerifiers;
        simpleBootloader = simpleBootloaderProgramHash;
    }

    function identify() external pure returns (string memory) {
        return "StarkWare_GpsStatementVerifier_2022_7";
    }

    function getBootloaderConfig() external view returns (uint256, uint256) {
        return (simpleBootloader, supportedVerifiers);
    }

    /// `cairoAuxInput` is the public input, then the challenge (z, alpha) of the main page.
    function verifyProofAndRegister(
        uint256[] calldata proofParams,
        uint256[] calldata proof,
        uint256[] calldata taskMetadata,
        uint256[] calldata cairoAuxInput,
        uint256 cairoVerifierId
    ) external {
        require(cairoVerifierId < checks.length, "cairoVerifierId is out of range.");
        ToldStarkCheck check = ToldStarkCheck(checks[cairoVerifierId]);
        uint256[] calldata publicInput = _withoutChallenge(cairoAuxInput);
        uint256[] calldata pages = _checkedPages(check, taskMetadata, cairoAuxInput, publicInput);
        check.verifyProofExternal(proofParams, proof, publicInput);
        _registerTasks(taskMetadata, pages, cairoAuxInput[OUTPUT_BEGIN]);
    }

    function _withoutChallenge(uint256[] calldata aux) private pure returns (uint256[] calldata) {
        // Too short an input is refused without a reason.
        unchecked {
            return aux[:aux.length - 2];
        }
    }

    /// The descriptions of all pages; the first is the one that the tasks make.
    function _checkedPages(
        ToldStarkCheck check,
        uint256[] calldata metadata,
        uint256[] calldata aux,
        uint256[] calldata publicInput
    ) private returns (uint256[] calldata pages) {
        (uint256 pagesAt, uint256 builtins) = check.getLayoutInfo();
        require(aux.length > pagesAt, "Invalid cairoAuxInput length.");
        pages = wordsFrom(publicInput, pagesAt);
        uint256 count = wordAt(pages, 0);
        require(count < 10_000, "Invalid nPages.");
        require(pages.length == count * (PAGE_WORDS + 1), "Invalid publicMemoryPages length.");

        (uint256 size, uint256 hash, uint256 product) = _registerMainPage(metadata, aux, builtins);
        require(wordAt(pages, 1) == size, "Invalid size for memory page 0.");
        require(wordAt(pages, 2) == hash, "Invalid hash for memory page 0.");
        require(wordAt(pages, count * PAGE_WORDS) == product, "Invalid cumulative product for memory page 0.");
    }

    function _registerMainPage(uint256[] calldata metadata, uint256[] calldata aux, uint256 builtins)
        private
        returns (uint256 size, uint256 hash, uint256 product)
    {
        uint256 tasks = wordAt(metadata, 0);
        require(tasks < 2 ** 30, "Invalid number of tasks.");
        bytes memory program = _program();
        // Two cells of the first frame, all arguments and results, three of the output and two of each task.
        size = program.length / 32 + 2 + 2 * BUILTINS + 3 + 2 * tasks;
        Page memory page = Page({words: new uint256[](2 * size), filled: 0});
        _writeProgram(page, program);
        _writeFrame(page, aux, builtins);
        _writeOutput(page, metadata, aux);
        require(page.filled == page.words.length, "Not all Cairo public inputs were written.");
        (, hash, product) =
            memoryPages.registerRegularMemoryPage(page.words, aux[aux.length - 2], aux[aux.length - 1], PRIME);
    }

    function _program() private view returns (bytes memory program) {
        bool done;
        (done, program) = bootloader.staticcall(abi.encodeWithSignature("getCompiledProgram()"));
        require(done, "NO_BOOTLOADER_PROGRAM");
    }

    function _writeProgram(Page memory page, bytes memory program) private pure {
        uint256 length = program.length / 32;
        for (uint256 i = 0; i < length; i++) {
            uint256 word;
            assembly ("memory-safe") {
                word := mload(add(add(program, 0x20), mul(i, 0x20)))
            }
            _write(page, FIRST_PC + i, word);
        }
    }

    /// The first frame makes every call return; then the arguments of the bootloader and its results, by builtin.
    function _writeFrame(Page memory page, uint256[] calldata aux, uint256 builtins) private pure {
        uint256 frame = wordAt(aux, EXECUTION_BEGIN);
        require(frame >= 2, "Invalid execution begin address.");
        _write(page, frame - 2, frame);
        _write(page, frame - 1, 0);

        uint256 results;
        unchecked {
            results = wordAt(aux, EXECUTION_STOP) - BUILTINS;
        }
        _writeBuiltins(page, aux, builtins, frame, OUTPUT_BEGIN);
        _writeBuiltins(page, aux, builtins, results, OUTPUT_STOP);
        require(builtins >> BUILTINS == 0, "SELECTED_BUILTINS_VECTOR_IS_TOO_LONG");
    }

    /// Where each builtin's segment begins, or stops; 0 for those that the layout does not have.
    function _writeBuiltins(Page memory page, uint256[] calldata aux, uint256 builtins, uint256 to, uint256 from)
        private
        pure
    {
        for (uint256 i = 0; i < BUILTINS; i++) {
            bool selected = (builtins >> i) & 1 == 1;
            unchecked {
                _write(page, to + i, selected ? wordAt(aux, from) : 0);
            }
            if (selected) from += 2;
        }
    }

    function _writeOutput(Page memory page, uint256[] calldata metadata, uint256[] calldata aux) private view {
        uint256 cell = wordAt(aux, OUTPUT_BEGIN);
        uint256 tasks = metadata[0];
        unchecked {
            _write(page, cell, simpleBootloader);
            _write(page, cell + 1, supportedVerifiers);
            _write(page, cell + 2, tasks);
            cell += 3;
        }
        uint256[] calldata left = wordsFrom(metadata, 1);
        for (uint256 task = 0; task < tasks; task++) {
            uint256 size = wordAt(left, 0);
            require(2 <= size && size < 2 ** 30, "Invalid task output size.");
            uint256 program = wordAt(left, 1);
            uint256 steps = wordAt(left, 2);
            require(1 <= steps && steps < 2 ** 20, "Invalid number of pairs in the Merkle tree structure.");
            unchecked {
                _write(page, cell, size);
                _write(page, cell + 1, program);
                cell += size;
            }
            left = wordsFrom(left, TASK_HEAD + 2 * steps);
        }
        require(left.length == 0, "Invalid length of taskMetadata.");
        require(wordAt(aux, OUTPUT_STOP) == cell, "Inconsistent program output length.");
    }

    function _write(Page memory page, uint256 cell, uint256 value) private pure {
        (page.words[page.filled], page.words[page.filled + 1]) = (cell, value);
        page.filled += 2;
    }
}
